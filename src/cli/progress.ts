/** Where a long read stands. */
export interface ProgressState {
  readonly rows: number;
  readonly bytes: number;
  readonly totalRows?: number | undefined;
  /** Milliseconds to go, where they can be told. */
  readonly remainingMs?: number | undefined;
}

const barWidth = 24;

/** One line of progress, for people. */
export function progressText({ rows, bytes, totalRows, remainingMs }: ProgressState): string {
  const size = bytes < 10_000 ? `${bytes} B` : `${(bytes / 1000).toFixed(0)} kB`;
  if (totalRows === undefined || totalRows === 0) return `${rows} rows, ${size}`;
  const share = Math.min(1, rows / totalRows);
  const filled = Math.round(share * barWidth);
  const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  const eta = remainingMs === undefined ? "" : `, ${durationText(remainingMs)} left`;
  return `${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${rows}/${totalRows} rows, ${size}${eta}`;
}

/** `12 s`, `3 min 20 s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Shows progress on a stream: a line rewritten in place on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #plainEvery: number;
  #lastAt = 0;
  #shown = false;

  constructor(stream: NodeJS.WriteStream = process.stderr, plainEveryMs = 2000) {
    this.#stream = stream;
    this.#plainEvery = plainEveryMs;
  }

  show(text: string, final = false): void {
    const now = Date.now();
    const every = this.#stream.isTTY ? 80 : this.#plainEvery;
    if (!final && now - this.#lastAt < every) return;
    this.#lastAt = now;
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
    this.#shown = true;
  }

  end(): void {
    if (this.#shown && this.#stream.isTTY) this.#stream.write("\n");
    this.#shown = false;
  }
}
