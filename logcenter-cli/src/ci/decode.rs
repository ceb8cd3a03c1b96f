//! Logs that are not UTF-8: what PowerShell writes, and what programs write in the machine's code page.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// How many bytes tell UTF-16 by their zeros.
const SAMPLE: usize = 4096;

/// Fewer characters beyond ASCII do not tell a code page.
const TELLING: usize = 24;

/// The end of a log as UTF-8. `start` is how the whole log begins, where a byte order mark may be.
pub(super) fn utf8(start: &[u8], end: Vec<u8>) -> Vec<u8> {
    match encoding(start, &end) {
        Some(encoding) => {
            let (text, _) = encoding.decode_without_bom_handling(&end);
            text.trim_start_matches('\u{feff}').as_bytes().to_vec()
        }
        None => end,
    }
}

/// The encoding, if it is another than UTF-8.
fn encoding(start: &[u8], end: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let sample = &end[..end.len().min(SAMPLE)];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    // Most of a log is ASCII, every other byte of which is zero.
    let (many, few) = (pairs * 3 / 10, pairs / 10);
    if odd > many && even <= few {
        return Some(UTF_16LE);
    }
    if even > many && odd <= few {
        return Some(UTF_16BE);
    }
    code_page(end)
}

/// The code page of a text that is not UTF-8. A few invalid bytes are no code page: a program may write anything, and the
/// end of a log may begin within a character.
fn code_page(end: &[u8]) -> Option<&'static Encoding> {
    let beyond_ascii = end.iter().filter(|byte| !byte.is_ascii()).count();
    let invalid: usize = end.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if beyond_ascii < TELLING || invalid * 4 < beyond_ascii {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(end, true);
    Some(detector.guess(None, Utf8Detection::Allow))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{GBK, WINDOWS_1251};

    const LOG: &str = "Error: module not found\nat line 7: 错误\n";

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_encoding_is_read_and_utf8_stays_as_it_is() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let plain = utf16(LOG, order);
            assert_eq!(utf8(&plain, plain.clone()), LOG.as_bytes());
            let marked = utf16(&format!("\u{feff}{LOG}"), order);
            assert_eq!(utf8(&marked, marked.clone()), LOG.as_bytes());
            // Only the mark at the beginning tells of a text without ASCII.
            assert_eq!(utf8(&marked, utf16("构建失败", order)), "构建失败".as_bytes());
        }
        let chinese = "构建失败：找不到模块，请检查网络连接。\n".repeat(3);
        for (text, encoding) in [
            (chinese.as_str(), GBK),
            ("Ошибка: не удалось подключиться к серверу базы данных\n", WINDOWS_1251),
        ] {
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(String::from_utf8(utf8(&bytes, bytes.to_vec())).unwrap(), text);
        }
        let broken = [chinese.as_bytes(), &b"\xff\xfe\xc3("[..]].concat();
        for bytes in [LOG.as_bytes().to_vec(), broken, b"a\0b\0\0c\n\0\n".to_vec(), Vec::new()] {
            assert_eq!(utf8(&bytes, bytes.clone()), bytes);
        }
    }
}
