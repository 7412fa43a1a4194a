//! Reserved file descriptors, for operations that have to work when the process has none left.

use std::fs::File;
use std::io;

use parking_lot::Mutex;

/// How many descriptors are reserved.
const KEPT: usize = 8;

/// Placeholder descriptors. Closing one frees a descriptor for another use.
#[derive(Debug, Default)]
pub(crate) struct Reserve(Mutex<Vec<File>>);

impl Reserve {
    /// Refills the reserve; returns whether it is full.
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

    /// Closes one descriptor, so that another one can be opened; returns whether there was one.
    pub(crate) fn release(&self) -> bool {
        self.0.lock().pop().is_some()
    }
}

/// Whether an operation failed because the process or the system has no descriptors left.
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
