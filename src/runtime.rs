//! What a program without std must bring along: memory, and how to end.

use core::panic::PanicInfo;

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

/// A free list. The engine makes few and small allocations, so a search is short; std's own
/// allocator would cost 3 KB more to transfer.
#[global_allocator]
// SAFETY: the module runs in one thread; it has no shared memory and no atomics.
static MEMORY: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };

/// Ends in a trap, which the facade sees and answers with a new engine.
#[panic_handler]
fn end(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
