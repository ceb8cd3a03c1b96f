//! System calls that nothing in the sandbox needs: memory that no limit counts, and doors to the kernel.

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};
use std::collections::BTreeMap;

/// Answered as if the kernel did not know them, which programs are prepared for.
const REFUSED: [i64; 16] = [
    libc::SYS_memfd_create,
    libc::SYS_shmget,
    libc::SYS_msgget,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_process_vm_writev,
];

/// Applies the filter to this process and all that follow.
///
/// # Errors
/// The kernel or the processor does not support it.
pub(super) fn apply() -> Result<(), String> {
    let architecture: TargetArch =
        std::env::consts::ARCH.try_into().map_err(|error| format!("seccomp: {error:?}"))?;
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> =
        REFUSED.iter().map(|&call| (call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture);
    let program: Result<BpfProgram, _> = filter.and_then(TryInto::try_into);
    apply_filter(&program.map_err(|error| format!("seccomp: {error}"))?)
        .map_err(|error| format!("seccomp: {error}"))
}
