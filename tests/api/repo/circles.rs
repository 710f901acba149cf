//! No files of `src/` import each other in a circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{
    ItemMod, ItemUse, UseTree, Visibility,
    visit::{Visit, visit_item_mod, visit_path},
};
use test_support::sources::files;

/// A module, as the names of its path from the root of the crate.
type Module = Vec<String>;

/// Collects the paths that a file uses, with relative ones made absolute.
struct Paths {
    module: Module,
    found: Vec<Module>,
}

impl Paths {
    /// Adds a path that begins with `crate`, `self` or `super`; others are of other crates.
    fn add(&mut self, path: &[String]) {
        let supers = path.iter().take_while(|name| *name == "super").count();
        let start = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self") => self.module.clone(),
            Some("super") => self.module[..self.module.len().saturating_sub(supers)].to_vec(),
            _ => return,
        };
        self.found.push([&start, &path[supers.max(1)..]].concat());
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                self.add_tree(&[before, &[path.ident.to_string()]].concat(), &path.tree);
            }
            UseTree::Name(name) => self.add(&[before, &[name.ident.to_string()]].concat()),
            UseTree::Rename(rename) => self.add(&[before, &[rename.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.add_tree(before, tree));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        // Unit tests may import anything.
        if item.ident != "tests" {
            visit_item_mod(self, item);
        }
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // `pub(super)` imports nothing.
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.add(&names);
        visit_path(self, path);
    }
}

fn module_of(file: &Path) -> Module {
    let path = file.with_extension("").to_string_lossy().into_owned();
    let names = path.split('/').filter(|name| !["mod", "lib", "main"].contains(name));
    names.map(str::to_owned).collect()
}

/// Returns the files that each file imports. A module that lists its children does not import them.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_rust = |file: &Path| file.extension().is_some_and(|extension| extension == "rs");
    let mut parsed = BTreeMap::new();
    for file in files(&source).into_iter().filter(|file| is_rust(file)) {
        let module = module_of(file.strip_prefix(&source).expect("inside"));
        let text = fs::read_to_string(&file).expect("readable");
        parsed.insert(module, syn::parse_file(&text).expect("Rust"));
    }
    let file_of = |path: &[String]| {
        let mut prefixes = (1..=path.len()).rev().map(|length| path[..length].to_vec());
        prefixes.find(|module| parsed.contains_key(module))
    };
    let mut imports = BTreeMap::new();
    for (module, file) in &parsed {
        let mut paths = Paths { module: module.clone(), found: Vec::new() };
        paths.visit_file(file);
        let named = paths.found.iter().filter_map(|path| file_of(path));
        let others = named.filter(|named| !named.starts_with(module)).collect();
        imports.insert(module.clone(), others);
    }
    imports
}

/// Returns all files that a file imports directly or indirectly.
fn reached(imports: &BTreeMap<Module, BTreeSet<Module>>, from: &Module) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<_> = imports[from].iter().cloned().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module.clone()) {
            next.extend(imports.get(&module).into_iter().flatten().cloned());
        }
    }
    reached
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports();
    assert!(imports.len() > 200, "the files were not found: {}", imports.len());

    let in_circles: Vec<_> = imports
        .keys()
        .filter(|module| reached(&imports, module).contains(*module))
        .map(|module| module.join("::"))
        .collect();

    assert_eq!(in_circles, Vec::<String>::new(), "these files import each other in circles");
}
