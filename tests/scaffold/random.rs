//! Definitions made at random: the same for the same seed.

/// A sequence of numbers that is the same for the same seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    pub fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A resource: the lines of its definition.
pub struct Resource {
    pub name: String,
    /// `auth: user` and others, by the word before the colon.
    pub options: Vec<(&'static str, String)>,
    pub fields: Vec<Field>,
}

/// A field: its attribute, what follows it, and whether it can be in a list of fields that are unique together.
pub struct Field {
    pub name: String,
    pub rest: String,
    pub has_key: bool,
}

impl Resource {
    /// The definition, one field and one option in a line.
    pub fn lines(&self) -> Vec<String> {
        let options = self.options.iter().map(|(name, value)| format!("  {name}: {value}"));
        let fields = self
            .fields
            .iter()
            .map(|Field { name, rest, .. }| format!("    - {name}:{rest}"));
        let head = [format!("{}:", self.name)];
        let middle = ["  fields:".to_owned()];
        head.into_iter().chain(options).chain(middle).chain(fields).collect()
    }
}

/// The text of these resources.
pub fn text(resources: &[Resource]) -> String {
    let lines = resources.iter().flat_map(Resource::lines);
    lines.map(|line| line + "\n").collect()
}

/// Resources that must be taken, with references to each other.
pub fn resources(random: &mut Random, count: usize) -> Vec<Resource> {
    let names: Vec<String> = (0..count).map(|number| name(random, number)).collect();
    let mut resources: Vec<Resource> = (0..count).map(|number| resource(random, number, &names)).collect();
    for number in 0..count {
        resources[number].fields.extend(links(random, number, &names));
        if let Some((nesting, field)) = nested(random, number, &resources) {
            resources[nesting].fields.push(field);
        }
    }
    resources
}

/// Links to any resource, or to users; none of most.
fn links(random: &mut Random, number: usize, names: &[String]) -> Option<Field> {
    let other = names.get(random.below(names.len() + 1)).map_or("users", String::as_str);
    let rest = match random.below(8) {
        0 => format!("many({other})"),
        1 => format!(" {{type: many({other}), table: links_{number}, columns: [own, OTHER-{number}]}}"),
        2 => format!(" {{type: many({other}), max: 9, label: Others}}"),
        _ => return None,
    };
    let name = random.one_of(&["tag_ids", "tagIds", "linked"]);
    Some(Field {
        name: name.to_owned(),
        rest,
        has_key: false,
    })
}

/// Rows of one resource inside of those of another, by a reference of this one; both are for all who are signed in.
fn nested(random: &mut Random, number: usize, resources: &[Resource]) -> Option<(usize, Field)> {
    let is_for_all = |resource: &Resource| resource.options.iter().all(|(name, _)| *name != "auth");
    let own = &resources[number];
    let (reference, other) = own.fields.iter().find_map(|field| {
        let (_, rest) = field.rest.split_once("references(")?;
        let (target, _) = rest.split_once(')')?;
        let other = resources.iter().position(|resource| resource.name == target)?;
        Some((&field.name, other))
    })?;
    if !is_for_all(own) || !is_for_all(&resources[other]) {
        return None;
    }
    let (nesting, kind, by) = match random.below(3) {
        0 => (number, &resources[other].name, reference.clone()),
        1 => (other, &own.name, format!("{}.{reference}", own.name)),
        _ => return None,
    };
    let field = Field {
        name: format!("rows_{number}"),
        rest: format!(" {{type: nested({kind}), by: \"{by}\"}}"),
        has_key: false,
    };
    Some((nesting, field))
}

fn name(random: &mut Random, number: usize) -> String {
    const NAMES: [&str; 9] = [
        "thing",
        "boxes_of",
        "person",
        "story",
        "bus",
        "datum",
        "match",
        "blog_post",
        "HostName",
    ];
    format!("{}_{}", random.one_of(&NAMES), char::from(b'a' + (number % 26) as u8))
}

/// A resource; its number keeps its names apart from others'.
fn resource(random: &mut Random, number: usize, names: &[String]) -> Resource {
    let mut options = Vec::new();
    let whos = ["public", "user", "owner", "admin"];
    match random.below(3) {
        0 => options.push(("auth", random.one_of(&whos[1..]).to_owned())),
        1 => {
            let (list, update) = (random.one_of(&whos), random.one_of(&whos));
            options.push(("auth", format!("{{list: {list}, create: user, update: {update}}}")));
        }
        _ => {}
    }
    let keys = [
        "",
        "id_of_it",
        "uid:uuid",
        "code:string",
        "Nr:biginteger",
        "id:string=uuid",
        "{name: KEY, type: string, default: uuid}",
        "",
    ];
    let key = random.one_of(&keys);
    if !key.is_empty() {
        options.push(("key", key.to_owned()));
    }
    match random.below(6) {
        0 => options.extend([("route", format!("r-{number}")), ("type", format!("T{number}"))]),
        1 => options.extend([("prefix", "/api".to_owned()), ("json", "false".to_owned())]),
        2 => options.push(("table", format!("TABLE_{number}"))),
        _ => {}
    }
    let mut fields: Vec<Field> = Vec::new();
    for index in 0..=random.below(7) {
        let word = random.one_of(&WORDS);
        let is_taken = fields.iter().any(|field| field.name == word);
        let name = if is_taken {
            format!("{word}_{index}")
        } else {
            word.to_owned()
        };
        fields.push(match index > 0 && random.below(5) == 0 {
            true => reference(random, &name, number, names),
            false => field(random, &name, index),
        });
    }
    let distinct: Vec<&str> = fields
        .iter()
        .filter(|field| field.has_key)
        .map(|field| field.name.as_str())
        .collect();
    if distinct.len() > 1 && random.below(3) == 0 {
        let pair = format!("[{}, {}]", distinct[0], distinct[1]);
        options.push((
            "unique",
            if random.below(3) == 0 {
                format!("[{pair}]")
            } else {
                pair
            },
        ));
    }
    Resource {
        name: names[number].clone(),
        options,
        fields,
    }
}

const WORDS: [&str; 17] = [
    "title", "note", "amount", "entry_of", "value", "status2", "a", "data", "query", "name", "new", "patch",
    "lastSeen", "order", "type", "HostName", "group",
];

/// A reference to a user, an earlier resource, or, where it may be null, to any, so there is always a row to begin with.
fn reference(random: &mut Random, name: &str, number: usize, names: &[String]) -> Field {
    let target = random.below(names.len() + 1);
    let (kind, is_early) = match names.get(target) {
        Some(name) => (format!("references({name})"), target < number),
        None => ("references(users)".to_owned(), true),
    };
    let nullable = !is_early || random.below(2) == 0;
    let mark = if nullable { "?" } else { "" };
    let rest = match random.below(4) {
        0 => format!(" {{type: \"{kind}{mark}\", on_delete: cascade}}"),
        1 if nullable => format!(" {{type: \"{kind}{mark}\", on_delete: set null, column: to_{target}_{name}}}"),
        2 => format!(" {{type: \"{kind}{mark}\", index: true}}"),
        _ => format!("{kind}{mark}"),
    };
    Field {
        name: name.to_owned(),
        rest,
        has_key: true,
    }
}

/// A field with a value of its own; the first of a resource can always be stored and changed.
fn field(random: &mut Random, name: &str, index: usize) -> Field {
    const KINDS: [&str; 19] = [
        "string",
        "text",
        "integer",
        "biginteger",
        "boolean",
        "email",
        "url",
        "file",
        "datetime",
        "date",
        "time",
        "decimal",
        "decimal(14,4)",
        "bool",
        "float",
        "uuid",
        "json",
        "array(string)",
        "enum(on,off,half-way)",
    ];
    let kind = random.one_of(&KINDS);
    let default = match (kind, random.below(4)) {
        ("string" | "text", 0) => "some text, \"quoted\"",
        ("integer" | "biginteger", 0) => "-5",
        ("boolean" | "bool", 0) => "true",
        ("float", 0) => "0.5",
        ("decimal", 0) => "10.50",
        ("enum(on,off,half-way)", 0) => "half-way",
        ("datetime" | "time", 0) => "now",
        ("date", 0) => "today",
        _ => "",
    };
    let nullable = random.below(3) == 0;
    let has_key = ["string", "email", "url", "integer", "uuid", "date"].contains(&kind);
    let is_unique = has_key && default.is_empty() && random.below(4) == 0;
    let mark = |is_set: bool, mark: &'static str| if is_set { mark } else { "" };
    let marks = format!("{}{}", mark(nullable, "?"), mark(is_unique, "^"));
    let option = match random.below(12) {
        0 if index > 0 => "immutable: true",
        1 if index > 0 => "write_only: true",
        2 if index > 0 && (nullable || !default.is_empty()) => "read_only: true",
        3 if index > 0 && !is_unique && default.is_empty() => "stored: false",
        4 if has_key => "index: true",
        5 if ["datetime", "date"].contains(&kind) => "on_update: now",
        6 => "label: Another one",
        7 => "column: ",
        8 if kind.starts_with("enum") => "native: true",
        9 if ["string", "text"].contains(&kind) => "min: 2, max: 240",
        _ => "",
    };
    let rest = if option.is_empty() {
        let default = if default.is_empty() {
            String::new()
        } else {
            format!("={default}")
        };
        format!("{kind}{marks}{default}")
    } else {
        let mut options = vec![format!("type: \"{kind}{marks}\"")];
        if !default.is_empty() {
            let by = random.one_of(&["default", "server_default"]);
            options.push(format!("{by}: '{default}'"));
        }
        options.push(if option == "column: " {
            format!("column: col_{index}")
        } else {
            option.to_owned()
        });
        format!(" {{{}}}", options.join(", "))
    };
    Field {
        name: name.to_owned(),
        rest,
        has_key: has_key && option != "stored: false",
    }
}
