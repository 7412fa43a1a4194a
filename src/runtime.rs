//! What a program without std must bring along: memory, and how to end.

use core::panic::PanicInfo;

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

/// Well kept, and 2 KB smaller to transfer than std's. (lol_alloc would save half a KB more, but it is
/// kept no longer, and searches all its free memory at every allocation.)
#[global_allocator]
static MEMORY: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// Ends in a trap, which the facade sees and answers with a new engine.
#[panic_handler]
fn end(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
