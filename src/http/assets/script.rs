//! Packs the modules of `static/pages/` into one script, at the start: on a slow line each file would cost a request.

use super::compact::{compact_script, squeeze_script};

/// The modules, each behind those that it imports.
const MODULES: [(&str, &str); 19] = [
    ("dom.js", include_str!("../../../static/pages/dom.js")),
    ("tab_memory.js", include_str!("../../../static/pages/tab_memory.js")),
    ("api_call.js", include_str!("../../../static/pages/api_call.js")),
    ("price.js", include_str!("../../../static/pages/price.js")),
    ("paid_requests.js", include_str!("../../../static/pages/paid_requests.js")),
    ("plain_forms.js", include_str!("../../../static/pages/plain_forms.js")),
    ("captcha_media.js", include_str!("../../../static/pages/captcha_media.js")),
    ("places.js", include_str!("../../../static/pages/places.js")),
    ("number_groups.js", include_str!("../../../static/pages/number_groups.js")),
    ("passwords.js", include_str!("../../../static/pages/passwords.js")),
    ("problems.js", include_str!("../../../static/pages/problems.js")),
    ("captcha_sheet.js", include_str!("../../../static/pages/captcha_sheet.js")),
    ("terms_dialog.js", include_str!("../../../static/pages/terms_dialog.js")),
    ("code_field.js", include_str!("../../../static/pages/code_field.js")),
    ("countdown.js", include_str!("../../../static/pages/countdown.js")),
    ("last_step.js", include_str!("../../../static/pages/last_step.js")),
    ("code_steps.js", include_str!("../../../static/pages/code_steps.js")),
    ("enhance.js", include_str!("../../../static/pages/enhance.js")),
    ("main.js", include_str!("../../../static/pages/main.js")),
];

/// Returns all modules as one script. They share one scope, so no name may occur at the top of two of them.
pub(super) fn pack() -> String {
    let modules: String = MODULES.iter().map(|(_, module)| compact_script(module)).collect();
    let lines = modules.lines().filter(|line| !line.starts_with("import "));
    let lines = lines.map(|line| line.strip_prefix("export ").unwrap_or(line));
    let body: String = lines.flat_map(|line| [line, "\n"]).collect();
    squeeze_script(&format!("(() => {{\n\"use strict\";\n{body}}})();\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Returns the names that a module declares at its top, and whether each is exported.
    fn declared(module: &str) -> impl Iterator<Item = (&str, bool)> {
        module.lines().filter_map(|line| {
            let own = line.strip_prefix("export ");
            let text = own.unwrap_or(line);
            let text = text.strip_prefix("async ").unwrap_or(text);
            let name = text.strip_prefix("function ").or_else(|| text.strip_prefix("const "))?;
            let end = name.find(|letter: char| !letter.is_alphanumeric() && !"_$".contains(letter));
            Some((name.get(..end?)?, own.is_some()))
        })
    }

    #[test]
    fn every_module_stands_behind_those_whose_names_it_imports() {
        let mut known: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
        for (file, module) in MODULES {
            for line in module.lines().filter(|line| line.starts_with("import ")) {
                let (names, from) = line.split_once("} from \"./").expect("import { … } from");
                let from = from.trim_end_matches("\";");
                for name in names.trim_start_matches("import {").split(',').map(str::trim) {
                    assert_eq!(known.get(name), Some(&(from, true)), "{file}: {line}");
                    assert!(module.matches(name).count() > 1, "{file} does not use {name}");
                }
            }
            for (name, is_exported) in declared(module) {
                let earlier = known.insert(name, (file, is_exported));
                assert_eq!(earlier, None, "{name} is declared in {file} too");
            }
        }
    }

    #[test]
    fn the_script_has_neither_imports_nor_exports() {
        let script = pack();
        assert!(!script.contains("\nimport ") && !script.contains("\nexport "), "{script}");
        assert!(script.contains("function enhance("), "{script}");
    }
}
