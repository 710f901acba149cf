//! A file with line endings of one kind, so that the reader of CSV counts lines as an editor does.

use std::io::{Read, Result};

/// Leaves out every carriage return, and ends the last line if nobody has.
///
/// The reader takes `\r` for the end of a row and counts its `\n` to the next one.
pub(super) struct Lines<R> {
    inner: R,
    is_at_start: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(inner: R) -> Self {
        Self { inner, is_at_start: true }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut chunk = vec![0; buffer.len()];
        loop {
            let length = self.inner.read(&mut chunk)?;
            let read = chunk.get(..length).unwrap_or_default().iter().filter(|it| **it != b'\r');
            let count = buffer.iter_mut().zip(read).map(|(to, from)| *to = *from).count();
            if let Some(last) = count.checked_sub(1).and_then(|it| buffer.get(it)) {
                self.is_at_start = *last == b'\n';
                return Ok(count);
            }
            if length == 0 {
                return Ok(self.end_line(buffer));
            }
        }
    }
}

impl<R> Lines<R> {
    fn end_line(&mut self, buffer: &mut [u8]) -> usize {
        match buffer.first_mut() {
            Some(first) if !self.is_at_start => {
                self.is_at_start = true;
                *first = b'\n';
                1
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut all = String::new();
        Lines::of(text.as_bytes()).read_to_string(&mut all).unwrap();
        all
    }

    #[test]
    fn every_line_ends_alike() {
        assert_eq!(read("a\r\nb\r\n"), "a\nb\n");
        assert_eq!(read("a\nb"), "a\nb\n");
        assert_eq!(read("\r\r"), "");
        assert_eq!(read(""), "");
    }
}
