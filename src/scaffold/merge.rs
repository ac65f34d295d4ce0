//! The three-way merge of a file that was edited since it was generated.

/// The text with the edits, those that make `there` of `base`, and with what is new.
///
/// # Errors
/// The line of `there`, from 1, at which the first edit is that what is new would change too.
pub fn merge(base: &str, there: &str, new: &str) -> Result<String, usize> {
    diffy::merge(base, there, new).map_err(|conflicts| line_of_conflict(there, &conflicts))
}

fn line_of_conflict(there: &str, conflicts: &str) -> usize {
    let (merged, start) = if_edits_won(conflicts);
    // It differs from the edited text by what was merged well.
    let patch = diffy::DiffOptions::new()
        .set_context_len(there.len())
        .create_patch(there, &merged)
        .to_string();
    let (mut old, mut new) = (0, 0);
    for line in patch.lines().skip_while(|line| !line.starts_with("@@")).skip(1) {
        if new == start {
            break;
        }
        old += usize::from(!line.starts_with('+'));
        new += usize::from(!line.starts_with('-'));
    }
    start - new + old + 1
}

/// The text with the edits in place of each conflict, and how many lines are before the first.
fn if_edits_won(conflicts: &str) -> (String, usize) {
    let (mut merged, mut start, mut is_edit) = (String::new(), None, true);
    for line in conflicts.split_inclusive('\n') {
        match line.get(..7) {
            Some("<<<<<<<") => start = start.or(Some(merged.lines().count())),
            Some("|||||||") => is_edit = false,
            Some(">>>>>>>") => is_edit = true,
            _ if is_edit => merged.push_str(line),
            _ => {}
        }
    }
    (merged, start.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "a\nb\nc\nd\ne\nf\ng\n";

    #[test]
    fn edits_and_what_is_new_come_together() {
        let merged = merge(BASE, &BASE.replace("b\n", "mine\n"), &BASE.replace("f\n", "new\n"));
        assert_eq!(merged.unwrap(), "a\nmine\nc\nd\ne\nnew\ng\n");
    }

    #[test]
    fn a_conflict_has_the_line_of_the_edit_whatever_is_merged_before_it() {
        for (there, new) in [("e\n", "new\n"), ("a\nb\n", "new\nnew\nnew\na\nb\n"), ("a\nb\n", "b\n")] {
            let new = BASE.replace(there, new).replace("e\n", "new\n");
            assert_eq!(merge(BASE, &BASE.replace("e\n", "mine\n"), &new), Err(5), "{new}");
        }
    }
}
