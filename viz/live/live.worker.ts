import { Driver } from './driver.ts';
import type { ToWorker } from './messages.ts';
import { VERSION } from './version.ts';

const texts = import.meta.glob<string>('../../scenarios/*.yaml', { query: '?raw', import: 'default', eager: true });
const shipped = Object.entries(texts).map(([path, text]) => [path.slice(path.lastIndexOf('/') + 1), text] as const);

/** A message to itself comes after those that wait already, and sooner than any timer. */
const channel = new MessageChannel();
const resting: (() => void)[] = [];
channel.port1.onmessage = () => resting.shift()?.();

const driver = new Driver({
  post: (message) => postMessage(message),
  clock: () => performance.now(),
  rest: (milliseconds) =>
    new Promise((resolve) => {
      if (milliseconds > 0) setTimeout(resolve, milliseconds);
      else {
        resting.push(resolve);
        channel.port2.postMessage(null);
      }
    }),
  version: VERSION,
  shipped: new Map(shipped),
});

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => void driver.take(data));
