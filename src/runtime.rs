//! What a program without std has to define: the allocator and the panic handler.

use core::panic::PanicInfo;

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

/// The allocator: maintained, and 2 KB smaller to transfer than std's. (lol_alloc would save another half KB, but it is
/// no longer maintained, and searches all its free memory with each allocation.)
#[global_allocator]
static MEMORY: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// Ends in a trap, which the facade detects; it replaces the engine.
#[panic_handler]
fn end(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
