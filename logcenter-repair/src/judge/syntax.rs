//! A source file in another language than Rust, as a tree of syntax.

use tree_sitter::{Language, Node, Parser, Tree};

/// A file that was read. Where it is no sentence of its language, the tree is a guess.
pub(super) struct Syntax<'t> {
    text: &'t str,
    tree: Tree,
}

impl<'t> Syntax<'t> {
    /// `None` if the grammar was made for another version of the parser, which is a fault of the build.
    pub(super) fn read(language: &Language, text: &'t str) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(language).ok()?;
        Some(Self { text, tree: parser.parse(text, None)? })
    }

    pub(super) fn is_whole(&self) -> bool {
        !self.tree.root_node().has_error()
    }

    /// The statements outside of any other.
    pub(super) fn statements(&self) -> Vec<Node<'_>> {
        let root = self.tree.root_node();
        root.named_children(&mut root.walk()).filter(|node| !node.is_extra()).collect()
    }

    pub(super) fn all(&self) -> &'t str {
        self.text
    }

    pub(super) fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The name that an expression starts from: `a` of `a.b[c].d()`. None starts deeper than people write.
    pub(super) fn root_name(&self, mut node: Node<'_>) -> Option<&'t str> {
        for _ in 0..100 {
            if node.kind() == "identifier" {
                return Some(self.text(node));
            }
            let inner = ["object", "value", "function", "argument"];
            node = inner.iter().find_map(|field| node.child_by_field_name(field)).or_else(|| {
                let is_wrapper = matches!(node.kind(), "parenthesized_expression" | "non_null_expression");
                node.named_child(0).filter(|_| is_wrapper)
            })?;
        }
        None
    }
}

/// Visits a node and what is in it, as far as `enter` says so of what it is in.
pub(super) fn visit<'t>(node: Node<'t>, mut enter: impl FnMut(Node<'t>) -> bool) {
    let mut cursor = node.walk();
    loop {
        if enter(cursor.node()) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// Whether a node, or one in it, is one of these.
pub(super) fn holds<'t>(node: Node<'t>, mut is_one: impl FnMut(Node<'t>) -> bool) -> bool {
    let mut found = false;
    visit(node, |inner| {
        found = found || is_one(inner);
        !found
    });
    found
}
