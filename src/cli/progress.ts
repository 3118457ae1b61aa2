import type { Event } from '../lib/index.ts';
import type { Style } from './style.ts';

/** What people see of what is going on, on stderr. */
export interface Progress {
  show(event: Event): void;
  say(text: string): void;
  /** Steps aside while something else writes to the terminal. */
  aside(write: () => void): void;
  end(): void;
}

interface Screen {
  readonly stream: NodeJS.WriteStream;
  readonly style: Style;
  readonly isQuiet: boolean;
}

/** One live line per cluster on a terminal; lines with the time elsewhere; nothing where events are the data. */
export function progressFor(screen: Screen): Progress {
  if (screen.isQuiet)
    return {
      show: () => {},
      say: (text) => void screen.stream.write(text),
      aside: (write) => write(),
      end: () => {},
    };
  return screen.stream.isTTY ? new LiveProgress(screen) : new LineProgress(screen);
}

/** `apply objects 12/40`, with the reason for waiting. */
function eventText(event: Event): string {
  const count = event.of === undefined ? '' : ` ${event.done ?? 0}/${event.of}`;
  const why = event.why === undefined ? '' : `: ${event.why}`;
  const state = event.state === 'done' || event.state === 'failed' ? ` ${event.state}` : '';
  return `${event.verb} ${event.subject}${count}${state}${why}`;
}

const quietTime = 5000;

class LineProgress implements Progress {
  readonly #screen: Screen;
  readonly #last = new Map<string, { readonly time: number; readonly text: string }>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(event: Event): void {
    const key = `${event.cluster ?? ''} ${event.verb} ${event.subject}`;
    const text = eventText(event);
    const last = this.#last.get(key);
    const isChatter = event.state === 'progress' || event.state === 'waiting';
    const now = Date.parse(event.at);
    // A log needs the beginning and the end of a thing, and a sign of life between.
    if (isChatter && last !== undefined && now - last.time < quietTime) return;
    if (last?.text === text) return;
    this.#last.set(key, { time: now, text });
    const cluster = event.cluster === undefined ? '' : `${event.cluster} `;
    this.#screen.stream.write(`${event.at.slice(11, 19)} ${cluster}${text}\n`);
  }

  say(text: string): void {
    this.#screen.stream.write(text);
  }

  aside(write: () => void): void {
    write();
  }

  end(): void {}
}

const frameTime = 100;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

class LiveProgress implements Progress {
  readonly #screen: Screen;
  readonly #lines = new Map<string, Event>();
  #drawn = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(event: Event): void {
    const key = event.cluster ?? event.subject;
    if (event.cluster === undefined && event.state === 'done') this.#lines.delete(key);
    else this.#lines.set(key, event);
    this.#timer ??= setInterval(() => this.#draw(), frameTime).unref();
  }

  say(text: string): void {
    this.aside(() => this.#screen.stream.write(text));
  }

  aside(write: () => void): void {
    this.#clear();
    write();
    this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
    this.#lines.clear();
  }

  #clear(): void {
    if (this.#drawn > 0) this.#screen.stream.write(`\u001B[${this.#drawn}A\u001B[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (this.#lines.size === 0) return;
    this.#clear();
    this.#frame += 1;
    const width = this.#screen.style.columns();
    const label = Math.max(...[...this.#lines.keys()].map((key) => key.length));
    const lines = [...this.#lines].map(([key, event]) => this.#line(key.padEnd(label), event, width));
    this.#screen.stream.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #line(label: string, event: Event, width: number): string {
    const { style } = this.#screen;
    const mark = this.#mark(event);
    const bar = event.of === undefined ? '' : `${barText(event.done ?? 0, event.of)} `;
    const room = Math.max(10, width - label.length - bar.length - 4);
    const text = eventText(event);
    const cut = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    return `${mark} ${style('bold', label)} ${style('cyan', bar)}${cut}`;
  }

  #mark(event: Event): string {
    const { style } = this.#screen;
    if (event.state === 'failed') return style('red', '✗');
    return event.state === 'done'
      ? style('green', '✓')
      : style('cyan', spinner[this.#frame % spinner.length] ?? '⠋');
  }
}

const barWidth = 16;

function barText(done: number, of: number): string {
  const filled = of === 0 ? barWidth : Math.round((Math.min(done, of) / of) * barWidth);
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}
