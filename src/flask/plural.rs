//! Plurals as inflect 0.2.5 made them, which Flask-Scaffold's generator asked for route, table and type.
//!
//! The rules are our own, found by asking it for 840 000 words and names, and agree with its answer for each of them: for
//! `status` and `class` too, which it took for plurals. They are for names as resources have them: a-z, 0-9 and `_`.
//! `tests/vectors/plurals.json` has some of its answers.

/// Names whose plural has nothing to do with the end of other names: `child`, but not `grandchild`.
const NAMES: &str = "
    a:some ado:ados am:are an:some atman:atmas blouse:blouses child:children die:dice flatfoot:flatfoots
    graffito:graffiti he:they her:their herself:themselves him:them himself:themselves ho:h hoe:ho i:we it:they
    itself:themselves loaf:loaves lowlife:lowlifes me:us mine:ours money:monies mongoose:mongooses my:our
    myself:ourselves o:oes oe:o oto:otos ox:oxen rom:roma s:ss sabertooth:sabertooths sabretooth:sabretooths
    sh:s she:they sho:sh shoe:sho tenderfoot:tenderfoots that:those trilby:trilbys y:ys
";

/// Names that are their own plural.
const UNCHANGED_NAMES: &str = "
    are ate bream brethren carmina carp children cod corpora could dice did djinn do eyrie flounder fought
    ganglia gave genera genii graffiti had have hertz kine mackerel made moose mythoi numina occipita offspring
    opera ought oxen pence put quid roma salmon samuri sank shall should sought spent their them they trout tuna
    we were whiting you your
";

/// Ends of names that are plural already.
const UNCHANGED: &str = "
    s agenda organa perihelia aphelia bacteria criteria extrema prolegomena phenomena noumena asyndeta zoa
    candelabra data desiderata hyperbata errata strata ova algae alumnae personae vertebrae lice mice people
    lese mese nese rese fish teeth feet geese loci menisci nuclei sarcophagi bronchi bacilli alveoli stimuli
    alumni men sheep deer craft pox
";

/// Other ends with their plurals; the first that fits counts.
const ENDS: &str = "
    ataman:atamans caiman:caimans cayman:caymans ceriman:cerimans desman:desmans dolman:dolmans farman:farmans
    harman:harmans hetman:hetmans human:humans leman:lemans ottoman:ottomans shaman:shamans talisman:talismans
    alga:algae alumna:alumnae persona:personae vertebra:vertebrae life:lives nife:nives wife:wives louse:lice
    mouse:mice goose:geese elf:elves alf:alves olf:olves arf:arves tooth:teeth foot:feet stomach:stomachs
    eunuch:eunuchs czech:czechs agendum:agenda bacterium:bacteria extremum:extrema candelabrum:candelabra
    desideratum:desiderata datum:data quartz:quartzes topaz:topazes erratum:errata stratum:strata ovum:ova
    man:men perihelion:perihelia aphelion:aphelia criterion:criteria organon:organa prolegomenon:prolegomena
    phenomenon:phenomena noumenon:noumena zoon:zoa person:people hyperbaton:hyperbata asyndeton:asyndeta
    codex:codices silex:silices murex:murices radix:radices helix:helices deaf:deafs eaf:eaves zz:zzes z:zzes
    ch:ches sh:shes x:xes quy:quies
";

/// Ends that take only an `s`, unlike others of a consonant and `o`.
const ONLY_S: &str = "
    aficionado aggro albino allegro alto ammo archipelago armadillo auto avocado basso bimbo bingo bolero bongo
    burro canto cappuccino casino cello cilantro coco commando concertino contango credo crescendo cyano demo
    ditto dynamo embryo espresso euro falsetto fiasco flamenco furioso generalissimo ghetto gigolo gizmo gringo
    guano gumbo gyro hairdo hippo impetigo inferno info intermezzo intertrigo jumbo junto kilo libero libido
    libretto lido limbo limo lingo lino livedo loco logo lumbago macho macro mafioso magneto magnifico manifesto
    medico memo metro micro mono myo neutrino octavo oregano panto pedalo photo piano pimento pinto pleco pogo
    polo poncho pro psycho pueblo quarto rhino risotto rondo saddo sago salineno salvo scherzando scherzo silo
    sirocco solo sombrero soprano staccato sterno stucco stylo sumo techno tempo terrazzo testudo timpano tiro
    tobacco torero torso tremolo typo tyro ufo vaquero verso vibrato virtuoso weirdo zero
";

/// The plural of a name that is singular, or plural already.
pub fn plural(name: &str) -> String {
    if is_plural(name) {
        return name.to_owned();
    }
    let mut names = pairs(NAMES);
    if let Some((_, plural)) = names.find(|(singular, _)| *singular == name) {
        return plural.to_owned();
    }
    let mut ends = pairs(ENDS).filter_map(|(end, plural)| Some((name.strip_suffix(end)?, plural)));
    if let Some((start, end)) = ends.next() {
        return format!("{start}{end}");
    }
    let follows_vowel = |start: &str| start.is_empty() || start.ends_with(['a', 'e', 'i', 'o', 'u']);
    if let Some(start) = name.strip_suffix('y').filter(|start| !follows_vowel(start)) {
        return format!("{start}ies");
    }
    let is_oes = |start: &&str| !follows_vowel(start) && !words(ONLY_S).any(|end| name.ends_with(end));
    if let Some(start) = name.strip_suffix('o').filter(is_oes) {
        return format!("{start}oes");
    }
    format!("{name}s")
}

/// Whether inflect took a name for a plural.
fn is_plural(name: &str) -> bool {
    // The letter `s` alone is the one name with such an end that it did not take for one.
    let has_end = words(UNCHANGED).any(|end| name.ends_with(end)) && name != "s";
    has_end || words(UNCHANGED_NAMES).any(|word| word == name)
}

fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split_ascii_whitespace()
}

fn pairs(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    words(text).filter_map(|pair| pair.split_once(':'))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn names_have_the_plural_that_inflect_gave_them() {
        let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/vectors/plurals.json")).unwrap();
        assert!(rows.len() > 1000, "{}", rows.len());
        for row in rows {
            let name = row["name"].as_str().unwrap();
            assert_eq!(Some(plural(name).as_str()), row["plural"].as_str(), "{name}");
        }
    }
}
