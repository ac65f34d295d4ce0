//! The colour and the logo that the settings give the pages, as files among their assets.
//!
//! The pages' policy allows no style inside of them, so a colour is a style sheet of its own.

use std::{fs::File, io::Read, path::Path};

use super::assets::Asset;
use crate::{
    config::{Color, PagesConfig, named},
    error::{Error, Result},
};

/// The largest size of a logo in bytes.
const MAX_LOGO_BYTES: u64 = 1 << 20;
/// The contrast of text with its background (WCAG 2.2, 1.4.3).
const MIN_CONTRAST: f64 = 4.5;

const BLACK: Color = Color([0; 3]);
const WHITE: Color = Color([255; 3]);
/// The row of a striped table under the pointer, in light and in dark colours: the background closest to links.
const LIGHT_ROW: Color = Color([0xec; 3]);
const DARK_ROW: Color = Color([0x32, 0x35, 0x39]);

/// What replaces the look of the pages.
#[derive(Default)]
pub struct Brand {
    /// The style sheet of the colour.
    pub color: Option<Asset>,
    /// The image beside the title.
    pub logo: Option<Asset>,
}

impl Brand {
    /// Reads the logo, and makes the style sheet.
    ///
    /// # Errors
    /// [`Error::Refused`] for a logo that cannot be read or shown.
    pub fn new(config: &PagesConfig) -> Result<Self> {
        let color = config.color.map(|color| Asset::new("pages/color.css", styles(color)));
        let logo = config.logo.as_deref().map(read_logo).transpose();
        let logo = logo.map_err(|reason| Error::Refused(format!("{}: {reason}", named("PAGES_LOGO"))))?;
        Ok(Self { color, logo })
    }

    /// The files of the brand: a style sheet, a logo, both or none.
    pub fn files(&self) -> impl Iterator<Item = &Asset> {
        self.color.iter().chain(&self.logo)
    }
}

fn read_logo(path: &Path) -> Result<Asset, String> {
    let unreadable = |error: std::io::Error| format!("the file cannot be read ({error})");
    // Opening a pipe would wait for a writer.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err("expected an image file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_LOGO_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_LOGO_BYTES {
        return Err("the file is larger than 1 MiB".to_owned());
    }
    let name = logo_name(&bytes).ok_or("the file is not an SVG, PNG, JPEG or WebP image")?;
    Ok(Asset::new(name, bytes))
}

/// The media type of a logo by its first bytes and not by the name of its file.
fn logo_name(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("pages/logo.png"),
        [0xff, 0xd8, 0xff, ..] => Some("pages/logo.jpg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("pages/logo.webp"),
        _ => {
            let text = std::str::from_utf8(bytes).ok()?;
            let is_xml = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
            (is_xml && text.contains("<svg")).then_some("pages/logo.svg")
        }
    }
}

/// Replaces Bootstrap's blue, and the green of the API docs, by the colour.
///
/// Text on it is black or white. Where it is text itself, it is darkened, or in dark colours lightened, until it can be
/// read.
fn styles(color: Color) -> String {
    let text = if contrast(color, BLACK) > contrast(color, WHITE) {
        BLACK
    } else {
        WHITE
    };
    // Away from the text: the contrast grows.
    let far = if text == BLACK { WHITE } else { BLACK };
    let (hover, active) = (mix(color, far, 15), mix(color, far, 25));
    let light = variables(color, BLACK, LIGHT_ROW, mix(color, WHITE, 80), mix(color, WHITE, 60));
    let dark = variables(color, WHITE, DARK_ROW, mix(color, BLACK, 80), mix(color, BLACK, 40));
    // A check mark is white.
    let checked = readable(color, BLACK, &[LIGHT_ROW]);
    let [color, text, hover, active, checked] = [color, text, hover, active, checked].map(hex);
    format!(
        r#"/* Made of PAGES_COLOR. */
:root, [data-bs-theme="light"] {{ {light} --accent-text: #fff; }}
[data-bs-theme="dark"] {{ {dark} --accent-text: #000; }}
.btn-primary {{ --bs-btn-color: {text}; --bs-btn-bg: {color}; --bs-btn-border-color: {color}; --bs-btn-disabled-color: {text}; --bs-btn-disabled-bg: {color}; --bs-btn-disabled-border-color: {color}; }}
.btn-outline-primary {{ --bs-btn-border-color: var(--bs-link-color); }}
.btn-primary, .btn-outline-primary {{ --bs-btn-hover-color: {text}; --bs-btn-hover-bg: {hover}; --bs-btn-hover-border-color: {hover}; --bs-btn-active-color: {text}; --bs-btn-active-bg: {active}; --bs-btn-active-border-color: {active}; --bs-btn-focus-shadow-rgb: var(--bs-link-color-rgb); }}
.nav-pills {{ --bs-nav-pills-link-active-color: {text}; --bs-nav-pills-link-active-bg: {color}; }}
.pagination {{ --bs-pagination-active-color: {text}; --bs-pagination-active-bg: {color}; --bs-pagination-active-border-color: {color}; --bs-pagination-focus-box-shadow: 0 0 0 0.25rem var(--bs-focus-ring-color); }}
.list-group {{ --bs-list-group-active-color: {text}; --bs-list-group-active-bg: {color}; --bs-list-group-active-border-color: {color}; }}
.form-control:focus, .form-select:focus, .form-check-input:focus {{ border-color: var(--bs-link-color); box-shadow: 0 0 0 0.25rem var(--bs-focus-ring-color); }}
.nav-link:focus-visible {{ box-shadow: 0 0 0 0.25rem var(--bs-focus-ring-color); }}
.form-check-input:checked, .form-check-input[type="checkbox"]:indeterminate {{ background-color: {checked}; border-color: var(--bs-link-color); }}
"#
    )
}

/// What differs between light and dark colours. Links are mixed with `ink` until they can be read on `row` and on `subtle`.
fn variables(color: Color, ink: Color, row: Color, subtle: Color, border: Color) -> String {
    let link = readable(color, ink, &[row, subtle]);
    let hover = mix(link, ink, 20);
    format!(
        "--bs-primary: {}; --bs-primary-rgb: {}; --bs-primary-text-emphasis: {link}; --bs-primary-bg-subtle: {}; \
         --bs-primary-border-subtle: {}; --bs-link-color: {link}; --bs-link-color-rgb: {}; --bs-link-hover-color: {}; \
         --bs-link-hover-color-rgb: {}; --bs-focus-ring-color: rgb({} / 25%); --accent: {link};",
        hex(color),
        parts(color, ", "),
        hex(subtle),
        hex(border),
        parts(link, ", "),
        hex(hover),
        parts(hover, ", "),
        parts(link, " "),
        link = hex(link),
    )
}

/// The shade nearest to `color`, on its way to `ink`, that can be read on all `grounds`.
fn readable(color: Color, ink: Color, grounds: &[Color]) -> Color {
    let shades = (0..=100).map(|percent| mix(color, ink, percent));
    let is_readable = |shade: &Color| grounds.iter().all(|ground| contrast(*shade, *ground) >= MIN_CONTRAST);
    shades.into_iter().find(is_readable).unwrap_or(ink)
}

/// `color` mixed with that percentage of the other.
fn mix(color: Color, other: Color, percent: u16) -> Color {
    let part = |at: usize| (u16::from(color.0[at]) * (100 - percent) + u16::from(other.0[at]) * percent) / 100;
    // A mean of two bytes is one.
    Color([0, 1, 2].map(|at| u8::try_from(part(at)).unwrap_or(u8::MAX)))
}

/// From 1 to 21 (WCAG 2.2, contrast ratio).
fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// How bright a colour is (WCAG 2.2, relative luminance).
fn luminance(color: Color) -> f64 {
    let [red, green, blue] = color.0.map(|part| match f64::from(part) / 255.0 {
        part if part <= 0.04045 => part / 12.92,
        part => ((part + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn hex(color: Color) -> String {
    let [red, green, blue] = color.0;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn parts(color: Color, between: &str) -> String {
    color.0.map(|part| part.to_string()).join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind_of_colour() -> impl Iterator<Item = Color> {
        let steps = || (0..=255).step_by(51);
        steps().flat_map(move |red| steps().flat_map(move |green| steps().map(move |blue| Color([red, green, blue]))))
    }

    #[test]
    fn text_can_be_read_on_each_colour_and_links_in_it() {
        for color in every_kind_of_colour() {
            let text = contrast(color, BLACK).max(contrast(color, WHITE));
            assert!(text >= MIN_CONTRAST, "{color:?}: {text}");
            for (ink, row) in [(BLACK, LIGHT_ROW), (WHITE, DARK_ROW)] {
                let link = contrast(readable(color, ink, &[row]), row);
                assert!(link >= MIN_CONTRAST, "{color:?} on {row:?}: {link}");
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        let green = Color([0x1d, 0x6b, 0x3a]);
        let styles = styles(green);
        assert!(
            styles.contains("--bs-btn-bg: #1d6b3a") && styles.contains("--bs-btn-color: #ffffff"),
            "{styles}"
        );
        assert!(
            styles.contains("--bs-link-color: #1d6b3a; --bs-link-color-rgb: 29, 107, 58;"),
            "{styles}"
        );
    }

    #[test]
    fn a_logo_is_what_its_bytes_say() {
        for (bytes, name) in [
            (&b"\x89PNG\r\n\x1a\n..."[..], Some("pages/logo.png")),
            (b"\xff\xd8\xff\xe0", Some("pages/logo.jpg")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("pages/logo.webp")),
            (
                b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- ours --><svg/>",
                Some("pages/logo.svg"),
            ),
            (b"<html><p>no image</p></html>", None),
            (b"GIF89a", None),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"", None),
        ] {
            assert_eq!(logo_name(bytes), name, "{bytes:?}");
        }
    }
}
