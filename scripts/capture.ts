// Draws what a command really prints as docs/demo.svg: node scripts/capture.ts [words of toryo …]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const words = given.length > 0 ? given : ['apply', 'examples/acme', '--yes'];
const state = mkdtempSync(path.join(tmpdir(), 'toryo-capture-'));
const env = { ...process.env, FORCE_COLOR: '1', NO_COLOR: '', TORYO_STATE: state };

const lineHeight = 19;
const characterWidth = 8.05;
const margin = 22;
const bar = 34;
const classes: Readonly<Record<string, string>> = {
  '1': 'b',
  '2': 'd',
  '31': 'r',
  '32': 'g',
  '33': 'y',
  '36': 'c',
};

/** Runs Toryo from the checkout; gives what it printed to stdout. */
function toryo(args: readonly string[]): string {
  return spawnSync(path.join(root, 'bin/toryo'), [...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  }).stdout;
}

try {
  const text = toryo(words);
  mkdirSync(path.join(root, 'docs'), { recursive: true });
  writeFileSync(path.join(root, 'docs/demo.svg'), picture(`$ toryo ${words.join(' ')}`, text));
} finally {
  toryo(['sandbox', 'down', '--all']);
  rmSync(state, { recursive: true, force: true });
}

function picture(title: string, text: string): string {
  const lines = [title, ...text.trimEnd().split('\n')];
  const plain = lines.map((line) => line.replaceAll(/\u001B\[[0-9;]*m/g, ''));
  const width = Math.ceil(Math.max(...plain.map((line) => line.length)) * characterWidth) + margin * 2;
  const height = lines.length * lineHeight + margin + bar;
  const body = lines.map(
    (line, index) =>
      `<text xml:space="preserve" x="${margin}" y="${bar + margin / 2 + (index + 1) * lineHeight - 5}">${spans(line, index === 0)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dae0;white-space:pre}.b{font-weight:700;fill:#fff}.d{fill:#7d8590}.r{fill:#ff7b72}.g{fill:#7ee787}.y{fill:#e3b341}.c{fill:#79c0ff}</style>
<rect width="${width}" height="${height}" rx="9" fill="#0d1117"/>
<circle cx="20" cy="17" r="5.5" fill="#ff5f57"/><circle cx="39" cy="17" r="5.5" fill="#febc2e"/><circle cx="58" cy="17" r="5.5" fill="#28c840"/>
${body.join('\n')}
</svg>
`;
}

/** Text with ANSI colours as spans. */
function spans(line: string, isTitle: boolean): string {
  let current = isTitle ? 'b' : '';
  return line
    .split(/\u001B\[([0-9;]*)m/)
    .map((part, index) => {
      if (index % 2 === 1) current = classes[part] ?? '';
      else if (part !== '')
        return current === '' ? escaped(part) : `<tspan class="${current}">${escaped(part)}</tspan>`;
      return '';
    })
    .join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', '\u00A0')
    .replaceAll('"', '&quot;');
}
