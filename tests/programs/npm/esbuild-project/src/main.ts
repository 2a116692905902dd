import { Queue, describe, settings, type Job } from './lib';
import dot from './assets/dot.svg';
import './styles/main.css';

enum Colour { Red = 1, Green, Blue }

async function* work(queue: Queue<Job>): AsyncGenerator<string> {
  for (let job = queue.take(); job !== undefined; job = queue.take()) {
    const started = performance.now();
    await job.run?.();
    yield `${dot} ${job.name}: ${(performance.now() - started).toFixed(1)} ms`;
  }
}

export async function main(names: readonly string[] = settings.names): Promise<void> {
  const queue = new Queue<Job>();
  for (const [index, name] of names.entries()) queue.add({ name, colour: Colour[1 + (index % 3)], run: async () => void (await 0) });
  for await (const line of work(queue)) console.log(describe(line, settings.width ?? 40));
  const { report } = await import('./pages/report');
  console.log(report(names));
}

if (process.env.NODE_ENV !== 'test') main().catch((error) => (process.exitCode = error ? 1 : 0));
