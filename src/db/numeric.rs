//! Reads PostgreSQL's binary `numeric`.

/// The digits of PostgreSQL's binary `numeric`, or its name for an infinity and for NaN.
///
/// It has four words: how many groups of four digits follow, the power of 10,000 of the first, the sign and the
/// scale. Groups that are all zeros are left out at both ends, which is why the driver's own types lose the scale.
pub(super) fn plain_digits(bytes: &[u8]) -> Option<String> {
    const NEGATIVE: i16 = 0x4000;
    let special = match bytes.get(4..6) {
        Some([0xc0, 0]) => Some("NaN"),
        Some([0xd0, 0]) => Some("Infinity"),
        Some([0xf0, 0]) => Some("-Infinity"),
        _ => None,
    };
    if let Some(special) = special {
        return Some(special.to_owned());
    }
    let words: Vec<i16> = bytes
        .chunks_exact(2)
        .map(|word| i16::from_be_bytes([word[0], word[1]]))
        .collect();
    let [_, weight, sign, scale, groups @ ..] = words.as_slice() else {
        return None;
    };
    if *sign != 0 && *sign != NEGATIVE {
        return None;
    }
    let weight = i32::from(*weight);
    let group = |power: i32| {
        let index = usize::try_from(weight - power).ok();
        index.and_then(|index| groups.get(index)).copied().unwrap_or(0)
    };
    let whole: String = (0..=weight).rev().map(|power| format!("{:04}", group(power))).collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let scale = usize::try_from(*scale).ok()?;
    let powers = (1..=scale.div_ceil(4)).map(|index| group(-(index as i32)));
    let fraction: String = powers.map(|digits| format!("{digits:04}")).collect();
    let sign = if *sign == NEGATIVE { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    Some(format!("{sign}{whole}{point}{}", &fraction[..scale]))
}

#[cfg(test)]
mod tests {
    use super::plain_digits;

    fn digits(words: &[i16]) -> Option<String> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        plain_digits(&bytes)
    }

    #[test]
    fn the_binary_numeric_of_postgres_is_read_with_its_scale() {
        for (words, expected) in [
            (&[0, 0, 0, 0][..], "0"),
            (&[0, 0, 0, 2], "0.00"),
            (&[1, 0, 0, 0, 48], "48"),
            (&[2, 0, 0, 2, 48, 1000], "48.10"),
            (&[2, 0, 0x4000, 1, 12, 5000], "-12.5"),
            (&[1, 1, 0, 0, 10], "100000"),
            (&[1, 1, 0, 1, 10], "100000.0"),
            (&[1, -1, 0, 1, 5000], "0.5"),
            (&[1, -2, 0, 7, 10], "0.0000001"),
        ] {
            assert_eq!(digits(words).as_deref(), Some(expected), "{words:?}");
        }
        // NaN and the infinities are signs of their own.
        for (sign, name) in [(-0x4000_i16, "NaN"), (-0x3000, "Infinity"), (-0x1000, "-Infinity")] {
            assert_eq!(digits(&[0, 0, sign, 0]).as_deref(), Some(name));
        }
        assert_eq!(digits(&[0, 0, 0x1234, 0]), None);
        assert_eq!(plain_digits(&[0, 0]), None);
    }
}
