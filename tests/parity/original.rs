//! The originals that were recorded.

/// One original, and how the server is told to succeed it.
pub(super) struct Original {
    pub(super) recording: &'static str,
    pub(super) profile: &'static str,
    /// The recorded user who writes to others' accounts, which `safe` allows to administrators only.
    pub(super) administrator: Option<&'static str>,
    /// Whether it served its own front end, and so do we then.
    pub(super) has_pages: bool,
}

pub(super) const TUTORIAL: Original = Original {
    recording: "T",
    profile: "tutorial",
    administrator: None,
    has_pages: false,
};

pub(super) const SCAFFOLD_1_0: Original = Original {
    recording: "S1",
    profile: "scaffold-1.0",
    administrator: Some("admin@example.com"),
    has_pages: true,
};

pub(super) const SCAFFOLD_0_6_2: Original = Original {
    recording: "S06",
    profile: "scaffold-1.0",
    administrator: Some("admin@example.com"),
    has_pages: false,
};

pub(super) const SCAFFOLD_0_6_3: Original = Original {
    recording: "S063",
    ..SCAFFOLD_0_6_2
};

pub(super) const SCAFFOLD_0_7: Original = Original {
    recording: "S07",
    ..SCAFFOLD_0_6_2
};

pub(super) const SCAFFOLD_2_0: Original = Original {
    recording: "S2",
    profile: "scaffold-2.0",
    administrator: Some("admin@example.com"),
    has_pages: true,
};
