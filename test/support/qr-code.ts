import jsQR from "jsqr";

const SCALE = 4;

/** What a camera would read in the QR code that is drawn in a page: rectangles of a white square. */
export function readQrCode(page: string): string | undefined {
  const [, drawing = "", body = ""] = /<svg([^>]*class="qr"[^>]*)>([\s\S]*?)<\/svg>/.exec(page) ?? [];
  const modules = Number(/viewBox="0 0 (\d+) \d+"/.exec(drawing)![1]);
  const px = modules * SCALE;
  const pixels = new Uint8ClampedArray(px * px * 4).fill(255);
  const path = /<path[^>]* d="([^"]+)"/.exec(body)![1]!;
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row++)
      for (let column = Number(x) * SCALE; column < (Number(x) + Number(width)) * SCALE; column++)
        pixels.set([0, 0, 0], (row * px + column) * 4);
  return jsQR(pixels, px, px)?.data;
}
