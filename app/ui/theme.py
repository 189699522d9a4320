"""The theme: Gradio's own widgets take the tokens of assets/base.css, light and dark alike."""

from typing import Any

import gradio as gr

FONTS = ["system-ui", "Noto Sans", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
MONO = ["ui-monospace", "Menlo", "Consolas", "Liberation Mono", "monospace"]

TOKENS = {
    "body_text_color_subdued": "var(--soft)",
    "background_fill_primary": "var(--surface)",
    "background_fill_secondary": "var(--raised)",
    "block_background_fill": "transparent",
    "block_border_color": "var(--line)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "color_accent_soft": "var(--wash)",
    "link_text_color": "var(--accent)",
    "link_text_color_hover": "var(--accent)",
    "link_text_color_active": "var(--accent)",
    "link_text_color_visited": "var(--accent)",
    "button_secondary_background_fill": "var(--surface)",
    "button_secondary_background_fill_hover": "var(--raised)",
    "button_secondary_border_color": "var(--line)",
    "button_secondary_text_color": "var(--ink)",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent)",
    "button_primary_text_color": "var(--on)",
    "input_background_fill": "var(--surface)",
    "input_border_color": "var(--line)",
    "input_placeholder_color": "var(--soft)",
}


FIRST_PAINT = {
    "body_background_fill": "#faf8f5",
    "body_background_fill_dark": "#1a1917",
    "body_text_color": "#24211d",
    "body_text_color_dark": "#ece7df",
}
"""The page's own colours once more, for the moment before the style sheet is there."""


def theme() -> gr.themes.Base:
    """No fetched fonts, no shadows; each token serves light and dark, since the style sheet switches it."""
    values: dict[str, Any] = dict(TOKENS)
    values |= {f"{name}_dark": value for name, value in TOKENS.items()}
    base = gr.themes.Base(
        font=[gr.themes.Font(name) for name in FONTS], font_mono=[gr.themes.Font(name) for name in MONO]
    )
    return base.set(
        **values,
        **FIRST_PAINT,
        block_shadow="none",
        block_border_width="0px",
        block_padding="0px",
        button_large_radius="10px",
        button_large_text_size="14px",
        button_large_text_weight="400",
        button_large_padding="8px 12px",
        layout_gap="0px",
    )
