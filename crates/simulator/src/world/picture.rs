//! Pictures of people: small images in the manner of what services draw for somebody who gave none.
//!
//! PNG (RFC 2083) with two colours and stored, uncompressed data (RFC 1951, 3.2.4), so that it takes no library.

use std::sync::LazyLock;

/// How many faces there are.
const FACES: u64 = 256;

/// A picture's side in pixels, by photo type. Type 1 is the live profile; the others are scaled (which numbers there
/// are is not published).
pub(super) fn side(kind: u16) -> u32 {
    if kind == 1 { 80 } else { 40 }
}

static LARGE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| (0..FACES).map(|face| draw(face, side(1))).collect());
static SMALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| (0..FACES).map(|face| draw(face, side(3))).collect());

/// The picture of somebody whose number is `face`: always the same one.
pub(super) fn picture(face: u64, kind: u16) -> &'static [u8] {
    let drawn = if kind == 1 { &*LARGE } else { &*SMALL };
    drawn.get((face % FACES) as usize).map_or(&[], Vec::as_slice)
}

/// A pattern of five by five fields, the same on the left and on the right.
fn draw(face: u64, side: u32) -> Vec<u8> {
    let mixed = face.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
    let field = side / 5;
    let filled = |x: u32, y: u32| {
        let column = (x / field).min(4 - (x / field).min(4));
        mixed >> (column * 5 + y / field).min(63) & 1 == 1
    };
    let mut rows = Vec::with_capacity((side * (side / 8 + 1)) as usize);
    for y in 0..side {
        rows.push(0);
        for byte in 0..side / 8 {
            rows.push((0..8).fold(0_u8, |bits, bit| bits << 1 | u8::from(filled(byte * 8 + bit, y))));
        }
    }
    let colour = [(mixed >> 40) as u8 | 0x20, (mixed >> 48) as u8 | 0x20, (mixed >> 56) as u8 | 0x20];
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [side.to_be_bytes().as_slice(), &side.to_be_bytes(), &[1, 3, 0, 0, 0]].concat();
    chunk(&mut out, *b"IHDR", &header);
    chunk(&mut out, *b"PLTE", &[[0xF4, 0xF4, 0xF4], colour].concat());
    let length = rows.len() as u16;
    let data =
        [&[0x78, 0x01, 0x01], length.to_le_bytes().as_slice(), &(!length).to_le_bytes(), &rows, &adler(&rows)].concat();
    chunk(&mut out, *b"IDAT", &data);
    chunk(&mut out, *b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let from = out.len();
    out.extend_from_slice(&kind);
    out.extend_from_slice(data);
    let sum = crc(&out[from..]);
    out.extend_from_slice(&sum.to_be_bytes());
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

fn adler(bytes: &[u8]) -> [u8; 4] {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16 | low).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Check values of both sums over "123456789", as their definitions give them.
    #[test]
    fn sums_are_the_published_ones() {
        assert_eq!(crc(b"123456789"), 0xCBF4_3926);
        assert_eq!(adler(b"123456789"), 0x091E_01DE_u32.to_be_bytes());
    }

    #[test]
    fn faces_differ_and_repeat() {
        assert_eq!(picture(7, 1), picture(7 + FACES, 1));
        let all: std::collections::BTreeSet<&[u8]> = (0..FACES).map(|face| picture(face, 3)).collect();
        assert!(all.len() as u64 > FACES / 2);
        let png = picture(7, 1);
        assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xAE\x42\x60\x82"));
        // Left and right are the same: bits of a row read both ways.
        let row = &png[png.len() - 12 - 8 - 11..][..11];
        assert_eq!(row[0], 0);
        assert_eq!(row[1].reverse_bits(), row[10]);
    }
}
