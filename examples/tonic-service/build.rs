//! Generates Rust code from the service's definition, without `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let definition = protox::compile(["proto/shop.proto"], ["proto"])?;
    tonic_prost_build::configure().build_client(false).compile_fds(definition)?;
    Ok(())
}
