//! A page of the documentation, as somebody follows it: its blocks are what is typed and printed.

use std::fs;

use tests::Ran;
use tests::cargo::workspace;

use crate::change::masked;

pub(crate) struct Page {
    /// The language of each block, and what stands in it.
    blocks: Vec<(String, String)>,
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(workspace().join("docs").join(name)).unwrap();
        let mut blocks = Vec::new();
        for fenced in text.split("\n```").skip(1).step_by(2) {
            let (language, block) = fenced.split_once('\n').unwrap();
            blocks.push((language.to_owned(), format!("{block}\n")));
        }
        Self { blocks }
    }

    /// The block of that language in which these words stand.
    #[track_caller]
    pub(crate) fn block(&self, language: &str, words: &str) -> &str {
        let mut found = self.blocks.iter();
        let found = found.find(|(of, block)| of == language && block.contains(words));
        let (_, block) = found.unwrap_or_else(|| panic!("no {language} block with `{words}`"));
        block
    }

    /// Holds what a command prints against what the page says it prints, line by line.
    #[track_caller]
    pub(crate) fn shows(&self, command: &str, ran: &Ran) {
        let typed = format!("$ {command}\n");
        let block = self.block("console", &typed);
        let (_, shown) = block.split_once(&typed).unwrap();
        let shown = shown.split("\n$ ").next().unwrap();
        // Which of two streams comes first is not known.
        let sorted = |text: &str| {
            let text = masked(text);
            let lines = text.lines().map(str::trim_end);
            let mut lines: Vec<String> = lines
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect();
            lines.sort();
            lines
        };
        let printed = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(sorted(&printed), sorted(shown), "the page on\n{ran}");
    }
}
