"""Draw the avatars and the icon from their SVG sources in a headless Chromium."""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ASSETS = Path(__file__).parent.parent / "assets"
AVATAR_SIDE = 256
ICON_SIDES = (512, 192)
FAVICON_SIDE = 64


def main() -> None:
    """Write every PNG anew."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for source in sorted((ASSETS / "avatars").glob("*.svg")):
            draw(browser, source, AVATAR_SIDE).save(source.with_suffix(".png"), optimize=True)
        icon = ASSETS / "icons" / "keepsake.svg"
        for side in ICON_SIDES:
            draw(browser, icon, side).save(icon.with_name(f"keepsake-{side}.png"), optimize=True)
        draw(browser, icon, FAVICON_SIDE).save(icon.with_name("favicon.png"), optimize=True)
        browser.close()


def draw(browser: Browser, source: Path, side: int) -> Image.Image:
    """The drawing as a picture of `side` pixels."""
    page = browser.new_page(viewport={"width": side, "height": side})
    svg = source.read_text(encoding="utf-8").replace("<svg ", f'<svg width="{side}" height="{side}" ', 1)
    page.set_content(f"<style>body{{margin:0;background:transparent}}svg{{display:block}}</style>{svg}")
    shot = page.screenshot(omit_background=True)
    page.close()
    return Image.open(io.BytesIO(shot))


if __name__ == "__main__":
    main()
