import { performance } from 'node:perf_hooks';

const out = process.stdout;

/** `4.2 s` below ten seconds, `38 s` above. */
export function seconds(since) {
  const elapsed = (performance.now() - since) / 1000;
  return `${elapsed.toFixed(elapsed < 10 ? 1 : 0)} s`;
}

const MINUTE = 60_000;

/**
 * One progress line: its text while work goes on, counting on a terminal, then its last form. Elsewhere a line comes each
 * minute, with the text of `news`, so that a log shows that the work goes on.
 */
export function startLine(head, { news = () => '', write = (line) => out.write(line) } = {}) {
  const started = performance.now();
  let text = `${head} …`;
  let timer;
  if (out.isTTY) {
    const draw = () => out.write(`\r\u001b[2K${text} ${seconds(started)}`);
    draw();
    timer = setInterval(draw, 1000);
    timer.unref();
  } else {
    let minutes = 0;
    const report = () => {
      minutes += 1;
      write(`${[text, `${minutes} min`, news()].filter(Boolean).join(', ')}\n`);
    };
    timer = setInterval(report, MINUTE);
    timer.unref();
  }
  return {
    doing(what) {
      text = `${head}  ${what} …`;
    },
    end(result, { timed = true } = {}) {
      clearInterval(timer);
      const line = `${head}  ${result}${timed ? `, ${seconds(started)}` : ''}`;
      out.write(out.isTTY ? `\r\u001b[2K${line}\n` : `${line}\n`);
    },
  };
}
