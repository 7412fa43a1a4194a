//! Reserved file descriptors, for what has to work when the process has none left.

use std::fs::File;
use std::io;

use parking_lot::Mutex;

/// How many are kept.
const KEPT: usize = 8;

/// Placeholder descriptors. Closing one frees a descriptor for another use.
#[derive(Debug, Default)]
pub(crate) struct Reserve(Mutex<Vec<File>>);

impl Reserve {
    /// Whether the reserve is full, after what could be done for it.
    pub(crate) fn is_full(&self) -> bool {
        let mut kept = self.0.lock();
        while kept.len() < KEPT {
            match File::open("/dev/null") {
                Ok(file) => kept.push(file),
                Err(_) => return false,
            }
        }
        true
    }

    /// Closes one descriptor, for the next use of one; whether there was one.
    pub(crate) fn release(&self) -> bool {
        self.0.lock().pop().is_some()
    }
}

/// Whether something failed because the process or the machine is out of descriptors.
pub(crate) fn is_exhausted(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_descriptors_are_reserved_again() {
        let reserve = Reserve::default();
        assert!(!reserve.release());
        assert!(reserve.is_full());
        assert_eq!((0..20).filter(|_| reserve.release()).count(), KEPT);
        assert!(reserve.is_full() && reserve.release());
    }
}
