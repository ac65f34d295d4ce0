//! Types, modifiers and options of fields that do not exist or do not fit together.

use super::all_refused;

/// What stands for a type, each with a part of the message.
const NO_TYPES: &[(&str, &str)] = &[
    ("strin", "did you mean `string`?…the supported types are: string, text"),
    ("String", "did you mean `string`?"),
    ("STRING", "did you mean `string`?"),
    ("int", "did you mean `integer`?"),
    ("Integer", "did you mean `integer`?"),
    ("bigint", "did you mean `biginteger`?"),
    ("varchar", "did you mean `string`?"),
    ("timestamp", "did you mean `datetime`?"),
    ("number", "did you mean `integer`?"),
    ("boolen", "did you mean `boolean`?"),
    ("e-mail", "did you mean `email`?"),
    ("blob", "unknown type `blob`"),
    ("password", "unknown type `password`…the supported"),
    ("string(50)", "`string` takes nothing in brackets"),
    ("string(", "lacks its closing `)`"),
    ("string)", "unknown type `string)`"),
    ("enum", "cannot be a value of an enum"),
    ("enum()", "cannot be a value of an enum"),
    ("enum(a,)", "cannot be a value of an enum"),
    ("enum(a,a)", "the enum has `a` twice"),
    ("enum(a b)", "`a b` cannot be a value"),
    ("enum(a|b)", "`a|b` cannot be a value"),
    ("enum(é)", "`é` cannot be a value"),
    ("enum(a", "lacks its closing"),
    ("references", "references needs the other resource"),
    ("references()", "references needs the other resource"),
    ("references(../x)", "cannot be the name of a resource"),
    ("references(Posts)", "did you mean `posts`?"),
    ("string??", "has `?` twice"),
    ("string^^", "has `^` twice"),
    ("string!", "unknown type `string!`…did you mean `string`?"),
    ("?", "the type is missing"),
    ("text^", "cannot be unique"),
    ("json^", "cannot be unique"),
    ("decimal^", "cannot be unique"),
    ("bool^", "cannot be unique"),
    ("string^=x", "cannot be unique and have a default"),
    ("integer=x", "the default `x` of `a` is not a whole number of 32 bits"),
    ("integer=3000000000", "is not a whole number of 32 bits"),
    ("biginteger=1.5", "is not a whole number of 64 bits"),
    ("boolean=yes", "is not one of 0, 1, true, false"),
    ("bool=1", "is not one of true, false"),
    ("float=x", "is not a number"),
    ("float=inf", "is not a number within its bounds"),
    ("float=NaN", "is not a number"),
    ("decimal=x", "is not a decimal number"),
    ("decimal=Infinity", "is not a decimal number"),
    ("email=x", "is not a mail address"),
    ("url=x", "is not a URL"),
    ("enum(a,b)=c", "is not one of a, b"),
    ("date=2026-01-01", "`today` or `now`, the only defaults of a date"),
    ("time=noon", "is not `now` or a time such as 09:30"),
    ("time=09:30:00.5", "is not `now` or a time such as 09:30"),
    ("time=09:30Z", "is not `now` or a time such as 09:30"),
    ("time(3)", "`time` takes nothing in brackets"),
    ("decimal()", "has not the number of its digits"),
    ("decimal(x)", "has not the number of its digits"),
    ("decimal(10)", "has not the number of its digits"),
    ("decimal(1,2,3)", "has not the number of its digits"),
    ("decimal(-1,2)", "has not the number of its digits"),
    ("decimal(4,9)", "has more digits after the point than it has digits"),
    (
        "decimal(99,2)",
        "is not between 1 and 65 digits, with at most 30 after the point",
    ),
    ("decimal(65,31)", "is not between 1 and 65 digits"),
    ("decimal(0,0)", "is not between 1 and 65 digits"),
    (
        "decimal(4,2)=123",
        "is not a decimal number of at most 2 digits before the point and 2 after it",
    ),
    ("decimal(4,2)=0.123", "is not a decimal number of at most 2 digits"),
    ("decimal(4,2)^", "cannot be unique"),
    ("numeric(14,4)", "did you mean `decimal(14,4)`?"),
    ("array", "array needs the type of its items in brackets"),
    ("array()", "array needs the type of its items in brackets"),
    ("array(json)", "the items of an array are string, not `json`"),
    ("array(string)^", "cannot be unique"),
    ("array(string)=a", "cannot have a default"),
    ("list(json)", "unknown type `list`…did you mean `array(string)`?"),
    ("string[]", "did you mean `array(string)`?"),
    ("datetime=x", "`now`, the only default of a datetime"),
    ("uuid=x", "cannot have a default"),
    ("json={}", "cannot have a default"),
    ("references(users)=1", "cannot have a default"),
    ("string=", "is not a text within its bounds"),
    ("{{ 7 * 7 }}", "unknown type `{{ 7 * 7 }}`"),
    ("[% include 'x' %]", "unknown type"),
    ("'); drop table users; --", "unknown type"),
    ("$(reboot)", "unknown type"),
];

/// The options of a field, each with a part of the message.
const NO_OPTIONS: &[(&str, &str)] = &[
    ("type: string, min: 5, max: 3", "`min` of `a` is greater than its `max`"),
    (
        "type: string, max: 16001",
        "must be between 1 and 16000 characters…use the type text for longer texts",
    ),
    ("type: string, max: 0", "must be between 1 and 16000 characters"),
    (
        "type: string, max: 769, unique: true",
        "`a` cannot be unique with a `max` of more than 768 characters",
    ),
    ("type: array(string), max: 1001", "must be between 1 and 1000 items"),
    (
        "type: array(string), min: x",
        "`min: x` of `a` is not a number of items",
    ),
    ("type: time, min: 09:30", "`a` cannot have `min` and `max`"),
    ("type: 'decimal(14,4)', max: 5", "`a` cannot have `min` and `max`"),
    ("type: file, max: 20000", "must be between 1 and 16000 characters"),
    ("type: email, max: 300", "`a` cannot have `min` and `max`"),
    ("type: string, max: -1", "is not a number of characters"),
    ("type: string, min: x", "`min: x` of `a` is not a number of characters"),
    ("type: text, max: 99999999", "must be between 1 and 1000000 characters"),
    ("type: integer, min: 1.5", "is not a whole number of 32 bits"),
    ("type: integer, max: 3000000000", "is not a whole number of 32 bits"),
    (
        "type: biginteger, min: 99999999999999999999",
        "is not a whole number of 64 bits",
    ),
    ("type: float, min: x", "is not a number such as 0.5"),
    ("type: float, max: .inf", "is not a number such as 0.5"),
    ("type: date, min: 2026-01-01", "`a` cannot have `min` and `max`"),
    ("type: email, max: 5", "`a` cannot have `min` and `max`"),
    ("type: integer, min: 5, default: 4", "is not a number within its bounds"),
    ("type: string, max: 3, default: long", "is not a text within its bounds"),
    ("type: string, default: \"a\\nb\"", "is not a plain line of text"),
    ("type: string, default: \"a\\u202eb\"", "is not a plain line of text"),
    ("type: text, default: \"a\\u2066b\"", "is not a plain line of text"),
    ("type: string, unique: maybe", "`unique` is true or false"),
];

#[test]
fn types_and_modifiers_that_are_none() {
    let mut cases = Vec::new();
    let long = [
        (format!("string={}", "x".repeat(251)), "is not a text within its bounds"),
        ("x".repeat(5000), "unknown type `xxxx"),
    ];
    let long = long.iter().map(|(kind, expected)| (kind.as_str(), *expected));
    for (kind, expected) in NO_TYPES.iter().copied().chain(long) {
        let yaml = format!("posts:\n - b:string\n - \"a:{kind}\"\n");
        cases.push((yaml, format!("bad.yaml:3: …{expected}")));
    }
    for (options, expected) in NO_OPTIONS {
        let yaml = format!("posts:\n  fields:\n    a: {{{options}}}\n");
        cases.push((yaml, (*expected).to_owned()));
    }
    all_refused(cases);
}
