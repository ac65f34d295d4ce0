//! The codes of what can be wrong with a definition, each with its explanation.

pub const SYNTAX: &str = "E01";
pub const PLAIN: &str = "E02";
pub const DUPLICATE: &str = "E03";
pub const SHAPE: &str = "E04";
pub const LIMIT: &str = "E05";
pub const NAME: &str = "E06";
pub const RESERVED: &str = "E07";
pub const CLASH: &str = "E08";
pub const NO_FIELDS: &str = "E09";
pub const NO_TYPE: &str = "E10";
pub const TYPE: &str = "E11";
pub const ARGUMENT: &str = "E12";
pub const CHOICES: &str = "E13";
pub const MODIFIER: &str = "E14";
pub const OPTION: &str = "E15";
pub const FLAG: &str = "E16";
pub const BOUNDS: &str = "E17";
pub const DEFAULT: &str = "E18";
pub const UNIQUE: &str = "E19";
pub const AUTH: &str = "E20";
pub const OWNER: &str = "E21";
pub const WIDTH: &str = "E22";
pub const REFERENCE: &str = "E23";
pub const SELF_REFERENCE: &str = "E24";
pub const CIRCLE: &str = "E25";
pub const TABLE: &str = "E26";
pub const REMOVED: &str = "E27";
pub const CHANGED: &str = "E28";
pub const ADDED: &str = "E29";
pub const CONTROL: &str = "E30";
pub const KEY: &str = "E31";

/// What a code means.
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Why it is an error.
    pub cause: &'static str,
    /// What the project has already; empty for nothing.
    pub before: &'static str,
    /// A definition that has the error; empty where no file can have it.
    pub wrong: &'static str,
    /// The same without it.
    pub right: &'static str,
}

const fn new(
    code: &'static str,
    title: &'static str,
    cause: &'static str,
    wrong: &'static str,
    right: &'static str,
) -> Explanation {
    Explanation {
        code,
        title,
        cause,
        before: "",
        wrong,
        right,
    }
}

const fn after(before: &'static str, explanation: Explanation) -> Explanation {
    Explanation { before, ..explanation }
}

/// All codes in their order.
pub static EXPLANATIONS: [Explanation; 31] = [
    new(
        SYNTAX,
        "invalid YAML",
        "The file cannot be read as YAML, so nothing in it was checked. Common reasons are tabs instead of spaces, a \
         quote or a bracket that is not closed, and lines of one list that are indented differently.",
        "posts:\n  - title:string\n - body:text\n",
        "posts:\n  - title:string\n  - body:text\n",
    ),
    new(
        PLAIN,
        "more than plain data",
        "Anchors, aliases, tags, several documents in one file and deep nesting are not supported: a definition is \
         plain data, which reads the same in every program.",
        "posts:\n  - title:&name string\n---\nauthors:\n  - name:string\n",
        "posts:\n  - title:string\nauthors:\n  - name:string\n",
    ),
    new(
        DUPLICATE,
        "duplicate key or field",
        "Two resources, options or fields in the same place have the same name. YAML keeps only one of them, and a \
         table has each column once.",
        "posts:\n  - title:string\n  - title:text\n",
        "posts:\n  - title:string\n  - body:text\n",
    ),
    new(
        SHAPE,
        "unexpected structure",
        "A file is a mapping of resources. A resource is a list of fields, or a mapping with `fields` and options. A \
         field is `name:type`, `name: type` or `name: {type: ...}`, each with a dash of its own.",
        "posts:\n  fields: title\n",
        "posts:\n  fields:\n    - title:string\n",
    ),
    new(
        LIMIT,
        "too many",
        "A file has at most 100 resources, a resource at most 100 fields, and an enum at most 100 values. Split the \
         file, or give some of the fields to a resource of their own.",
        "",
        "",
    ),
    new(
        NAME,
        "invalid name",
        "Names become attributes, columns, tables, routes and Rust names, so they are spelled as all of these can be: they \
         begin with a letter or an underscore and continue with letters, digits and underscores. Attributes and routes may \
         have `-` as well, and columns `$`.",
        "blog posts:\n  - main.title:string\n",
        "blog_posts:\n  - main_title:string\n",
    ),
    new(
        RESERVED,
        "reserved name",
        "Something else has the name: every resource has `id`, and the server has routes and tables of its own, such as \
         `login` and `users`. PostgreSQL gives columns such as `xmin` to each table; an attribute of that name needs another \
         `column`.",
        "posts:\n  - id:integer\n",
        "posts:\n  - number:integer\n",
    ),
    new(
        CLASH,
        "a name is used twice",
        "Two resources would have the same module, path, table or Rust types; or two fields the same column, in which not \
         every database tells small letters from capitals. Rename one of them, or set another `plural`, `singular`, `route`, \
         `table` or `column`.",
        "post:\n  - title:string\nposts:\n  - title:string\n",
        "post:\n  - title:string\narticles:\n  - title:string\n",
    ),
    new(
        NO_FIELDS,
        "no fields",
        "A resource without fields has nothing to store. `fields` may be left out where the fields are the only thing \
         that the resource has.",
        "posts:\n  auth: public\n",
        "posts:\n  auth: public\n  fields:\n    - title:string\n",
    ),
    new(
        NO_TYPE,
        "missing type",
        "Every field has a type, after its name and a colon.",
        "posts:\n  - title\n",
        "posts:\n  - title:string\n",
    ),
    new(
        TYPE,
        "unknown type",
        "The type is not one of those that scaffold knows, or is in quotes; `poem-scaffold scaffold --help` lists them.",
        "posts:\n  - title:strin\n  - pages:int\n  - body:\"text\"\n",
        "posts:\n  - title:string\n  - pages:integer\n  - body:text\n",
    ),
    new(
        ARGUMENT,
        "brackets after a type",
        "`enum`, `references` and `array` need something in brackets, a decimal may have its digits and those after the \
         point there, at most 65 and 30, and other types have nothing. The length of a text is set by `max`.",
        "posts:\n  - title:string(100)\n  - price:decimal(2,10)\n",
        "posts:\n  - title: {type: string, max: 100}\n  - price:decimal(10,2)\n",
    ),
    new(
        CHOICES,
        "invalid value of an enum",
        "The values of an enum are separated by commas, different from each other, and have at most 50 letters, \
         digits, `_` and `-`.",
        "posts:\n  - state:enum(draft|in review)\n",
        "posts:\n  - state:enum(draft,in_review)\n",
    ),
    new(
        MODIFIER,
        "invalid modifier",
        "After a type, `?` makes the field nullable, `^` makes it unique and `=x` sets its default, each at most once.",
        "posts:\n  - title:string??\n",
        "posts:\n  - title:string?\n",
    ),
    new(
        OPTION,
        "unknown option",
        "The message lists the options that a resource or a field has. Inside braces, a value with commas needs quotes.",
        "posts:\n  - title: {type: string, maxlength: 100}\n",
        "posts:\n  - title: {type: string, max: 100}\n",
    ),
    new(
        FLAG,
        "neither true nor false",
        "`nullable`, `unique`, `native` and `json` are true or false. YAML's other words for them mean different things to different \
         programs.",
        "posts:\n  - title: {type: string, nullable: yes}\n",
        "posts:\n  - title: {type: string, nullable: true}\n",
    ),
    new(
        BOUNDS,
        "invalid bounds",
        "`min` and `max` bound the length of string, file and text, the items of an array, and the value of integer, biginteger and float. They are \
         numbers that the type can have, and `min` is not greater than `max`. A string has at most 16000 characters.",
        "posts:\n  - title: {type: string, max: 100000}\n  - pages: {type: integer, min: 10, max: 1}\n",
        "posts:\n  - title: {type: text, max: 100000}\n  - pages: {type: integer, min: 1, max: 10}\n",
    ),
    new(
        DEFAULT,
        "invalid default",
        "A default is a value that the field accepts: within its bounds, one of its choices, `now` for a datetime, \
         a date and a time, `today` for a date. The types uuid, json, array and references have no default.",
        "posts:\n  - state:enum(draft,public)=drafts\n  - made_at:datetime=today\n",
        "posts:\n  - state:enum(draft,public)=draft\n  - made_at:datetime=now\n",
    ),
    new(
        UNIQUE,
        "cannot be unique",
        "Texts of any length, strings of more than 768 characters, JSON, lists, decimals and yes-or-no values cannot be \
         unique on every database, and a unique field with a default could be left out once only. `unique` of a resource \
         lists two or more of its fields.",
        "posts:\n  - body:text^\n",
        "posts:\n  - body:text\n",
    ),
    new(
        AUTH,
        "invalid auth",
        "`auth` says who may use a resource: public (anybody), user (every user), owner (who made the row, and \
         administrators) or admin. For single verbs it is a mapping of list, get, create, update and delete.",
        "posts:\n  auth: {read: everyone}\n  fields:\n    - title:string\n",
        "posts:\n  auth: {get: public}\n  fields:\n    - title:string\n",
    ),
    new(
        OWNER,
        "no owner",
        "With `owner`, each row belongs to the user who created it, so creating needs a user. The column `owner_id` is \
         added by scaffold.",
        "posts:\n  auth: {create: public, update: owner}\n  fields:\n    - title:string\n",
        "posts:\n  auth: {create: user, update: owner}\n  fields:\n    - title:string\n",
    ),
    new(
        WIDTH,
        "too many columns for a table",
        "MySQL limits the bytes of a row and the keys of a table, and generated migrations run on every database. Make \
         some fields text, or move them to a resource of their own.",
        "",
        "",
    ),
    new(
        REFERENCE,
        "unknown resource",
        "A reference leads to a resource of the same file or of the project, or to `users`.",
        "comments:\n  - post:references(posts)\n",
        "posts:\n  - title:string\ncomments:\n  - post:references(posts)\n",
    ),
    new(
        SELF_REFERENCE,
        "required reference to itself",
        "A resource that needs another one of its kind could never have a first row.",
        "categories:\n  - parent:references(categories)\n",
        "categories:\n  - parent:references(categories)?\n",
    ),
    new(
        CIRCLE,
        "references in a circle",
        "Tables are created one after the other, each after those that it refers to. Remove one of the references, or \
         move it to a resource of its own that refers to both.",
        "cats:\n  - dog:references(dogs)\ndogs:\n  - cat:references(cats)\n",
        "cats:\n  - name:string\ndogs:\n  - name:string\nfriends:\n  - cat:references(cats)\n  - dog:references(dogs)\n",
    ),
    new(
        TABLE,
        "the table cannot be created",
        "A migration of the project creates a table of that name already, or the name would be too long for a database. \
         Set another with `table` or `plural`.",
        "a_b_c_d_e_f_g_h_i_j_kk_ll_mm_nn_oo_pp_qq_rr_ss_tt:\n  - title:string\n",
        "a_b_c_d:\n  - title:string\n",
    ),
    after(
        "posts:\n  - title:string\n  - body:text\n",
        new(
            REMOVED,
            "a field was removed",
            "The column may hold data, which scaffold does not delete. Keep the field; or destroy the resource and \
             scaffold it again, which deletes its rows.",
            "posts:\n  - title:string\n",
            "posts:\n  - title:string\n  - body:text\n",
        ),
    ),
    after(
        "posts:\n  - pages:integer\n",
        new(
            CHANGED,
            "a field was changed",
            "The column may hold data, which scaffold does not convert: type, `?` and `^` of a field stay as they are. Add a \
             field with another name.",
            "posts:\n  - pages:string\n",
            "posts:\n  - pages:integer\n  - page_range:string?\n",
        ),
    ),
    after(
        "posts:\n  - title:string\n",
        new(
            ADDED,
            "a new field must be nullable",
            "The table may have rows. They could all get the same default, but not a unique value or a reference of their \
             own.",
            "posts:\n  - title:string\n  - slug:string^\n",
            "posts:\n  - title:string\n  - slug:string?^\n",
        ),
    ),
    new(
        CONTROL,
        "control character in an argument",
        "A word of the command line contains a line break or another control character, which neither names nor \
         defaults can have.",
        "",
        "",
    ),
    new(
        KEY,
        "invalid key",
        "A row has one key, a column of the type integer, biginteger, string or uuid. Routes and references have it, so it \
         cannot be made of several columns: give the table one of its own, and make the others unique together.",
        "members:\n  key: [user_id, group_id]\n  fields:\n    - user_id:integer\n    - group_id:integer\n",
        "members:\n  unique: [user_id, group_id]\n  fields:\n    - user_id:integer\n    - group_id:integer\n",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_counted_without_a_gap() {
        for (index, explanation) in EXPLANATIONS.iter().enumerate() {
            assert_eq!(explanation.code, format!("E{:02}", index + 1));
        }
    }
}
