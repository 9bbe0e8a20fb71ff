//! Files that define an entity but are not compiled.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::{EntityError, Site};

/// Compares the files below `src` that define an entity with those that `mod` reaches.
pub(super) fn check(site: &Site) -> Result<(), EntityError> {
    let package = Path::new(site.package);
    let source = package.join("src");
    let Some(workspace) = package
        .ancestors()
        .find(|root| root.join(site.file).is_file())
    else {
        return Ok(());
    };
    let mut reached = BTreeSet::new();
    for root in roots(package, &source) {
        reach(&root, true, &mut reached);
    }
    // The crate's root is somewhere else than Cargo looks for it, so nothing can be said.
    if !reached.contains(&normal(&workspace.join(site.file))) {
        return Ok(());
    }
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    files.sort();
    let unreached = files
        .iter()
        .find(|file| !reached.contains(&normal(file)) && defines_entity(file));
    let Some(file) = unreached else {
        return Ok(());
    };
    let shown = |path: &Path| path.strip_prefix(workspace).unwrap_or(path).to_owned();
    let (module, parent) = module_and_parent(file, &source, &workspace.join(site.file));
    Err(EntityError::NotCompiled {
        file: shown(file),
        module,
        parent: shown(&parent),
    })
}

/// The files that Cargo compiles as the roots of crates.
fn roots(package: &Path, source: &Path) -> Vec<PathBuf> {
    let mut roots = vec![source.join("lib.rs"), source.join("main.rs")];
    let mut binaries = Vec::new();
    rust_files(&source.join("bin"), &mut binaries);
    roots.append(&mut binaries);
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let library = manifest.get("lib").into_iter();
    let binaries = manifest.get("bin").and_then(toml::Value::as_array);
    for target in library.chain(binaries.into_iter().flatten()) {
        if let Some(path) = target.get("path").and_then(toml::Value::as_str) {
            roots.push(package.join(path));
        }
    }
    roots
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// One spelling for each file, whatever `..` a `#[path]` has.
fn normal(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn parse(file: &Path) -> Option<syn::File> {
    syn::parse_file(&std::fs::read_to_string(file).ok()?).ok()
}

/// Collects a file and all that its `mod` lines reach. What a `cfg` may leave out counts as
/// reached: somebody wrote the line.
fn reach(file: &Path, is_mod_rs: bool, reached: &mut BTreeSet<PathBuf>) {
    let Some(parsed) = parse(file) else {
        return;
    };
    if !reached.insert(normal(file)) {
        return;
    }
    let folder = file.parent().unwrap_or(file);
    let is_mod_rs = is_mod_rs || file.file_name().is_some_and(|name| name == "mod.rs");
    let mut walk = Walk {
        folder: folder.to_owned(),
        below: match file.file_stem() {
            Some(stem) if !is_mod_rs => folder.join(stem),
            _ => folder.to_owned(),
        },
        inline: false,
        found: Vec::new(),
    };
    walk.visit_file(&parsed);
    for (file, is_mod_rs) in walk.found {
        reach(&file, is_mod_rs, reached);
    }
}

/// Looks for files that a file names.
struct Walk {
    /// Where the file is.
    folder: PathBuf,
    /// Where the files of modules are that it declares.
    below: PathBuf,
    /// Whether an inline module is being walked.
    inline: bool,
    /// The files, and whether their own modules are beside them.
    found: Vec<(PathBuf, bool)>,
}

impl Walk {
    fn declared(&mut self, module: &str) {
        self.found
            .push((self.below.join(format!("{module}.rs")), false));
        self.found
            .push((self.below.join(module).join("mod.rs"), true));
    }

    /// Modules that a macro is given (`cfg_if!`), as far as they can be seen.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut last: [Option<String>; 2] = [None, None];
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    last = [None, None];
                }
                TokenTree::Ident(ident) => last = [last[1].take(), Some(ident.to_string())],
                TokenTree::Punct(punct) => {
                    if let (';', [Some(word), Some(module)]) = (punct.as_char(), &last)
                        && word == "mod"
                    {
                        self.declared(&module.clone());
                    }
                    last = [None, None];
                }
                TokenTree::Literal(_) => last = [None, None],
            }
        }
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        let paths: Vec<String> = item.attrs.iter().filter_map(path_attribute).collect();
        if item.content.is_none() {
            self.declared(name);
            let base = if self.inline {
                &self.below
            } else {
                &self.folder
            };
            let found = paths.iter().map(|path| (base.join(path), true));
            self.found.extend(found);
            return;
        }
        let (below, inline) = (self.below.clone(), self.inline);
        let base = if inline { &below } else { &self.folder };
        self.below = match paths.first() {
            Some(path) => base.join(path),
            None => below.join(name),
        };
        self.inline = true;
        visit::visit_item_mod(self, item);
        (self.below, self.inline) = (below, inline);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call.path.is_ident("include")
            && let Ok(path) = call.parse_body::<syn::LitStr>()
        {
            self.found.push((self.folder.join(path.value()), false));
        }
        self.tokens(call.tokens.clone());
    }
}

/// The path of `#[path = "…"]`, or of `#[cfg_attr(…, path = "…")]`.
fn path_attribute(attribute: &syn::Attribute) -> Option<String> {
    let value = |meta: &syn::MetaNameValue| match &meta.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(path),
            ..
        }) if meta.path.is_ident("path") => Some(path.value()),
        _ => None,
    };
    match &attribute.meta {
        syn::Meta::NameValue(meta) => value(meta),
        syn::Meta::List(list) if list.path.is_ident("cfg_attr") => list
            .parse_args_with(
                syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated,
            )
            .ok()?
            .iter()
            .find_map(|meta| value(meta.require_name_value().ok()?)),
        _ => None,
    }
}

fn defines_entity(file: &Path) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
            self.0 |= item.attrs.iter().any(|attribute| {
                let path = &attribute.path();
                let last = path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string());
                match last.as_deref() {
                    Some("model" | "compact_model") => path
                        .segments
                        .first()
                        .is_some_and(|first| first.ident == "sea_orm"),
                    Some("derive") => derives(attribute)
                        .iter()
                        .any(|name| name == "DeriveEntityModel" || name == "DeriveEntity"),
                    _ => false,
                }
            });
        }
    }
    let mut search = Search(false);
    if let Some(parsed) = parse(file) {
        search.visit_file(&parsed);
    }
    search.0
}

fn derives(attribute: &syn::Attribute) -> Vec<String> {
    let paths = attribute.parse_args_with(
        syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
    );
    paths
        .into_iter()
        .flatten()
        .filter_map(|path| Some(path.segments.last()?.ident.to_string()))
        .collect()
}

/// What the file would be called as a module, and the file that would have to say so.
fn module_and_parent(file: &Path, source: &Path, list: &Path) -> (String, PathBuf) {
    let stem = |path: &Path| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let mut module = file.to_owned();
    if file.file_name().is_some_and(|name| name == "mod.rs") {
        module.pop();
    }
    let folder = module.parent().unwrap_or(source);
    let parent = if folder == source {
        let library = source.join("lib.rs");
        if library.is_file() {
            library
        } else {
            source.join("main.rs")
        }
    } else if list.parent() == Some(folder) {
        list.to_owned()
    } else if folder.join("mod.rs").is_file() {
        folder.join("mod.rs")
    } else {
        folder.with_extension("rs")
    };
    (stem(&module), parent)
}
