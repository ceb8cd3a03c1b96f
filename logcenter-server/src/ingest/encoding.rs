//! Decodes compressed bodies, within bounds.

use super::budget::Reservation;
use super::refusal::Refusal;
use std::io::Read;

/// How a body is compressed (RFC 9110, 8.4.1; brotli: RFC 7932, zstd: RFC 8878).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Why a body could not be decoded.
#[derive(Debug)]
pub(crate) enum Undecodable {
    /// It is not what it claims to be, or breaks off.
    Broken(std::io::Error),
    /// It is longer than this when decoded.
    TooLong(usize),
    /// There is no memory for it now.
    Refused(Refusal),
}

/// The largest zstd window accepted: what RFC 8878 (section 3.1.1.1.2) tells every decoder to support. It is allocated at once.
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;

/// How much is decoded before memory for more is taken.
const CHUNK: usize = 64 * 1024;

impl Encoding {
    /// Reads a `Content-Encoding`; `Ok(None)` if there is none.
    ///
    /// # Errors
    /// It is one that is not supported.
    pub(crate) fn read(header: &str) -> Result<Option<Self>, ()> {
        match header.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "deflate" => Ok(Some(Self::Deflate)),
            "br" => Ok(Some(Self::Brotli)),
            "zstd" => Ok(Some(Self::Zstd)),
            _ => Err(()),
        }
    }

    /// Decodes a body into at most `most` bytes, which are charged to `memory`. A body that is plain JSON is returned as it is.
    ///
    /// # Errors
    /// [`Undecodable`].
    pub(crate) fn decode(
        self,
        body: &[u8],
        most: usize,
        memory: &mut Reservation,
    ) -> Result<Vec<u8>, Undecodable> {
        let plain = body.trim_ascii();
        if plain.starts_with(b"{") && plain.ends_with(b"}") {
            return Ok(plain.to_vec());
        }
        match self {
            Self::Gzip => read(flate2::read::MultiGzDecoder::new(body), most, memory),
            // Some clients take the name literally and leave out zlib's header.
            Self::Deflate if !is_zlib(body) => read(flate2::read::DeflateDecoder::new(body), most, memory),
            Self::Deflate => read(flate2::read::ZlibDecoder::new(body), most, memory),
            Self::Brotli => read(brotli_decompressor::Decompressor::new(body, CHUNK), most, memory),
            Self::Zstd => {
                let mut decoder = ruzstd::decoding::FrameDecoder::new();
                decoder.set_max_window_size(ZSTD_WINDOW);
                let decoder = ruzstd::decoding::StreamingDecoder::new_with_decoder(body, decoder);
                read(
                    decoder.map_err(|error| Undecodable::Broken(std::io::Error::other(error)))?,
                    most,
                    memory,
                )
            }
        }
    }
}

/// Whether a body begins with zlib's header (RFC 1950, section 2.2).
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => method & 0x0F == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0,
        _ => false,
    }
}

fn read(mut from: impl Read, most: usize, memory: &mut Reservation) -> Result<Vec<u8>, Undecodable> {
    let mut decoded = Vec::new();
    loop {
        memory.grow(CHUNK).map_err(Undecodable::Refused)?;
        let read = from.by_ref().take(CHUNK as u64).read_to_end(&mut decoded).map_err(Undecodable::Broken)?;
        if decoded.len() > most {
            return Err(Undecodable::TooLong(most));
        }
        if read < CHUNK {
            return Ok(decoded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Pool;
    use crate::ingest::budget::Budget;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};

    fn all(mut from: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn every_encoding_is_decoded_and_bounded() {
        let mut memory = Budget::default().reservation(Pool::Batch);
        let json = [b"{\"a\": \"".as_slice(), &[b'x'; 200_000], b"\"}"].concat();
        let level = Compression::default();
        let zstd = ruzstd::encoding::compress_to_vec(&*json, ruzstd::encoding::CompressionLevel::Fastest);
        for (encoding, body) in [
            (Encoding::Gzip, all(GzEncoder::new(&*json, level))),
            (Encoding::Deflate, all(ZlibEncoder::new(&*json, level))),
            (Encoding::Deflate, all(DeflateEncoder::new(&*json, level))),
            (Encoding::Zstd, zstd),
            (Encoding::Gzip, json.clone()),
            (Encoding::Brotli, json.clone()),
        ] {
            let decoded = encoding.decode(&body, json.len(), &mut memory);
            assert!(decoded.is_ok_and(|decoded| decoded == json), "{encoding:?}");
            if body.len() < json.len() {
                let too_long = encoding.decode(&body, json.len() - 1, &mut memory);
                assert!(matches!(too_long, Err(Undecodable::TooLong(_))), "{encoding:?}");
                let broken = encoding.decode(&body[..body.len() / 2], json.len(), &mut memory);
                assert!(matches!(broken, Err(Undecodable::Broken(_))), "{encoding:?}");
            }
        }
        assert!(
            Encoding::Gzip
                .decode(&all(GzEncoder::new(&*vec![0; 80 << 20], level)), 100 << 20, &mut memory)
                .is_err()
        );
    }
}
