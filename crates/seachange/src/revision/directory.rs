//! The folder of a migration crate's sources, and changes of several of its files at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::list::{self, ListError};

/// The folder cannot be read or changed. Nothing of the change is there then.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The system refuses to read.
    #[error("`{}` cannot be read: {source}", .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The system refuses to write.
    #[error("`{}` cannot be written: {source}; nothing was changed", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A change failed half-way, and what was changed before cannot be put back.
    #[error("`{}` cannot be written: {source}; and `{}` could not be put back, take it from version control", .path.display(), .lost.display())]
    Restore {
        /// The file that failed.
        path: PathBuf,
        /// The reason.
        source: io::Error,
        /// The file that is not as it was.
        lost: PathBuf,
    },
    /// A new file would replace one.
    #[error("`{}` exists already; nothing was changed", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// `lib.rs` cannot be edited.
    #[error("`{}`: {source}", .path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: ListError,
    },
}

impl DirectoryError {
    /// The same with paths as seen from this folder, where they are in it.
    #[must_use]
    pub fn relative_to(mut self, root: &Path) -> Self {
        let strip = |path: &mut PathBuf| {
            if let Ok(rest) = path.strip_prefix(root) {
                *path = rest.to_owned();
            }
        };
        match &mut self {
            Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::Exists { path }
            | Self::List { path, .. } => strip(path),
            Self::Restore { path, lost, .. } => {
                strip(path);
                strip(lost);
            }
        }
        self
    }
}

/// The names of the modules whose files are in the folder, sorted: `x.rs` and `x/mod.rs`.
///
/// # Errors
///
/// The folder cannot be read.
pub fn modules(folder: &Path) -> Result<Vec<String>, DirectoryError> {
    let read = |source| DirectoryError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut modules = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        let is_module = match path.extension() {
            Some(extension) => extension == "rs",
            None => path.join("mod.rs").is_file(),
        };
        if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
            && is_module
            && !matches!(stem, "lib" | "main" | "mod")
        {
            modules.push(stem.to_owned());
        }
    }
    modules.sort();
    Ok(modules)
}

/// The change that adds a revision: its module, and its two lines in `lib.rs`.
///
/// # Errors
///
/// `lib.rs` cannot be read or edited.
pub fn add_revision(folder: &Path, id: &str, module: String) -> Result<Change, DirectoryError> {
    let mut change = Change::default();
    change.create(folder.join(format!("{id}.rs")), module);
    edit_list(&mut change, folder, |lib| list::add(lib, id))?;
    Ok(change)
}

/// The change that takes a revision out again.
///
/// # Errors
///
/// `lib.rs` cannot be read or edited.
pub fn remove_revision(folder: &Path, id: &str) -> Result<Change, DirectoryError> {
    let mut change = Change::default();
    edit_list(&mut change, folder, |lib| list::remove(lib, id))?;
    change.remove(folder.join(format!("{id}.rs")));
    Ok(change)
}

fn edit_list(
    change: &mut Change,
    folder: &Path,
    edit: impl FnOnce(&str) -> Result<String, ListError>,
) -> Result<(), DirectoryError> {
    let path = folder.join("lib.rs");
    let lib = fs::read_to_string(&path).map_err(|source| DirectoryError::Read {
        path: path.clone(),
        source,
    })?;
    let edited = edit(&lib).map_err(|source| DirectoryError::List {
        path: path.clone(),
        source,
    })?;
    if edited != lib {
        change.replace(path, edited);
    }
    Ok(())
}

/// Changes of files that are made all together or not at all.
///
/// ```
/// use seachange::revision::Change;
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("a.txt");
/// let mut change = Change::default();
/// change.create(&file, "one".to_owned());
/// change.make()?;
/// assert_eq!(std::fs::read_to_string(&file)?, "one");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Change {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    /// `None` removes the file.
    text: Option<String>,
    is_new: bool,
}

/// A file as it was, and what it is to be: the text lies beside it already.
struct Prepared {
    path: PathBuf,
    before: Option<Vec<u8>>,
    beside: Option<PathBuf>,
}

impl Change {
    /// Writes a file that is not there yet.
    pub fn create(&mut self, path: impl Into<PathBuf>, text: String) {
        self.files.push(File {
            path: path.into(),
            text: Some(text),
            is_new: true,
        });
    }

    /// Writes a file, whether it is there or not.
    pub fn replace(&mut self, path: impl Into<PathBuf>, text: String) {
        self.files.push(File {
            path: path.into(),
            text: Some(text),
            is_new: false,
        });
    }

    /// Removes a file, if it is there.
    pub fn remove(&mut self, path: impl Into<PathBuf>) {
        self.files.push(File {
            path: path.into(),
            text: None,
            is_new: false,
        });
    }

    /// The files, in the order in which they are changed.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Makes the change. All texts are written beside their files first; then each takes its
    /// place.
    ///
    /// # Errors
    ///
    /// A file cannot be written; what was changed before is put back.
    pub fn make(self) -> Result<(), DirectoryError> {
        let mut prepared = Vec::with_capacity(self.files.len());
        let result = self
            .files
            .iter()
            .try_for_each(|file| {
                prepared.push(prepare(file)?);
                Ok(())
            })
            .and_then(|()| put_all(&prepared));
        for beside in prepared.iter().filter_map(|file| file.beside.as_ref()) {
            // Gone already where it took its place.
            let _ = fs::remove_file(beside);
        }
        result
    }
}

fn prepare(file: &File) -> Result<Prepared, DirectoryError> {
    // A link stays one: what it points to is written.
    let path = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
    let write = |source| DirectoryError::Write {
        path: file.path.clone(),
        source,
    };
    let before = match fs::read(&path) {
        Ok(_) if file.is_new => return Err(DirectoryError::Exists { path }),
        Ok(before) => Some(before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(DirectoryError::Read { path, source }),
    };
    let Some(text) = &file.text else {
        return Ok(Prepared {
            path,
            before,
            beside: None,
        });
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.new"));
    let written = fs::write(&beside, text).and_then(|()| match fs::metadata(&path) {
        Ok(metadata) => fs::set_permissions(&beside, metadata.permissions()),
        Err(_) => Ok(()),
    });
    if let Err(source) = written {
        let _ = fs::remove_file(&beside);
        return Err(write(source));
    }
    Ok(Prepared {
        path,
        before,
        beside: Some(beside),
    })
}

fn put_all(prepared: &[Prepared]) -> Result<(), DirectoryError> {
    for (at, file) in prepared.iter().enumerate() {
        let put = match (&file.beside, &file.before) {
            (Some(beside), _) => fs::rename(beside, &file.path),
            (None, Some(_)) => fs::remove_file(&file.path),
            (None, None) => Ok(()),
        };
        if let Err(source) = put {
            let path = file.path.clone();
            let mut lost = None;
            for file in prepared[..at].iter().rev() {
                if put_back(file).is_err() {
                    lost = Some(file);
                }
            }
            return Err(match lost {
                None => DirectoryError::Write { path, source },
                Some(lost) => DirectoryError::Restore {
                    path,
                    source,
                    lost: lost.path.clone(),
                },
            });
        }
    }
    Ok(())
}

fn put_back(file: &Prepared) -> io::Result<()> {
    match (&file.before, &file.beside) {
        (Some(before), _) => fs::write(&file.path, before),
        (None, Some(_)) => fs::remove_file(&file.path),
        (None, None) => Ok(()),
    }
}
