// Draws PDF files with pdf.js, one request a line on standard input, one answer a line on standard output.
// usage: node pdfjs.mjs FOLDER    (where node_modules/pdfjs-dist is)
import { createInterface } from 'node:readline';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const home = join(process.argv[2], 'node_modules', 'pdfjs-dist');
const told = process.stdout.write.bind(process.stdout);
console.log = console.warn = console.info = () => {}; // pdf.js warns on standard output
const pdfjs = await import(pathToFileURL(join(home, 'legacy/build/pdf.mjs')));
// the canvas that pdf.js itself resolves, from its own folder
const { createCanvas } = createRequire(join(home, 'legacy/build/pdf.mjs'))('@napi-rs/canvas');
const folder = (name) => pathToFileURL(join(home, name)).href.replace('file://', '') + '/';

async function picture(document, number, scale) {
  const page = await document.getPage(number);
  const viewport = page.getViewport({ scale });
  const canvas = createCanvas(Math.max(1, Math.round(viewport.width)), Math.max(1, Math.round(viewport.height)));
  const context = canvas.getContext('2d');
  await page.render({ canvas, canvasContext: context, viewport, annotationMode: pdfjs.AnnotationMode.ENABLE }).promise;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  page.cleanup();
  const pixels = Buffer.alloc(canvas.width * canvas.height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    pixels[to++] = data[from];
    pixels[to++] = data[from + 1];
    pixels[to++] = data[from + 2];
  }
  return Buffer.concat([Buffer.from(`P6\n${canvas.width} ${canvas.height}\n255\n`), pixels]);
}

async function draw({ file, out, dpi, password, pages }) {
  const task = pdfjs.getDocument({
    data: new Uint8Array(await readFile(file)),
    password: password ?? undefined,
    verbosity: 0,
    isEvalSupported: false,
    useSystemFonts: false,
    standardFontDataUrl: folder('standard_fonts'),
    cMapUrl: folder('cmaps'),
    cMapPacked: true,
    wasmUrl: folder('wasm'),
    iccUrl: folder('iccs'),
  });
  try {
    const document = await task.promise;
    for (let number = 1; number <= Math.min(document.numPages, pages); number++) {
      // a page that is counted but cannot be loaded is an empty file
      const drawn = await picture(document, number, dpi / 72).catch(() => Buffer.alloc(0));
      await writeFile(join(out, `${number}.ppm`), drawn);
    }
    return { pages: document.numPages };
  } finally {
    await task.destroy();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await draw(JSON.parse(line));
  } catch (error) {
    answer = { error: `${error?.name}: ${error?.message}` };
  }
  told(JSON.stringify(answer) + '\n');
}
