import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atEnd, type Lifetime } from '../at-end.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { until } from '../until.ts';

/** A page of a real browser, driven by Chrome's DevTools protocol. @see https://chromedevtools.github.io/devtools-protocol/ */
export interface BrowserPage {
  goTo(url: string): Promise<void>;
  /** What an expression is in the page. */
  valueOf<T>(expression: string): Promise<T>;
  /** Presses keys, as a person does: `\r` is Enter. */
  type(text: string): Promise<void>;
  /** Makes the page so many pixels wide. */
  narrow(width: number): Promise<void>;
  /** Roles of what can be pressed, filled in or looked at and has no name in the tree that a screen reader is given. */
  unnamed(): Promise<readonly string[]>;
  /** What the page wrote to its console as errors: a broken policy of its contents, too. */
  readonly errors: readonly string[];
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--remote-debugging-port=0',
];

interface Answered {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly entry?: { readonly level: string; readonly text: string } };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly nodes?: readonly AccessibleNode[];
  };
}

/** @see https://chromedevtools.github.io/devtools-protocol/tot/Accessibility/#type-AXNode */
interface AccessibleNode {
  readonly ignored: boolean;
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
}

const NEEDS_NAME =
  /^(?:button|link|textbox|searchbox|combobox|image|img|region|figure|navigation|DisclosureTriangle)$/;

/** Opens Debian's chromium; it ends with the test, or whatever it is given. */
export async function openBrowser(t: Lifetime): Promise<BrowserPage> {
  const folder = await temporaryFolder();
  atEnd(t, () => folder.remove());
  const child = spawn('chromium', [...FLAGS, `--user-data-dir=${folder.path}`, 'about:blank'], {
    stdio: 'ignore',
  });
  atEnd(t, async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  const port = await until('the browser to listen', async () => {
    const text = await readFile(join(folder.path, 'DevToolsActivePort'), 'utf8').catch(() => '');
    return text.split('\n')[0] || undefined;
  });
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as readonly {
    readonly type: string;
    readonly webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  atEnd(t, () => socket.close());
  const errors: string[] = [];
  const waiting = new Map<number, (answer: Answered) => void>();
  let calls = 0;
  const loads: (() => void)[] = [];
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Answered;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    const entry = message.params?.entry;
    if (message.method === 'Log.entryAdded' && entry?.level === 'error') errors.push(entry.text);
    if (message.method === 'Page.loadEventFired') loads.shift()?.();
  });
  const call = (method: string, params: object = {}): Promise<Answered> =>
    new Promise((resolve) => {
      calls += 1;
      waiting.set(calls, resolve);
      socket.send(JSON.stringify({ id: calls, method, params }));
    });
  for (const domain of ['Page', 'Runtime', 'Log', 'Accessibility']) await call(`${domain}.enable`);
  return {
    errors,
    goTo: async (url) => {
      const loaded = new Promise<void>((resolve) => void loads.push(resolve));
      await call('Page.navigate', { url });
      await loaded;
    },
    type: async (text) => {
      for (const key of text) {
        const press =
          key === '\r' ? { key: 'Enter', windowsVirtualKeyCode: 13, text: key } : { key, text: key };
        await call('Input.dispatchKeyEvent', { type: 'keyDown', ...press });
        await call('Input.dispatchKeyEvent', { type: 'keyUp', ...press });
      }
    },
    narrow: async (width) => {
      const screen = { width, height: 800, deviceScaleFactor: 1, mobile: true };
      await call('Emulation.setDeviceMetricsOverride', screen);
    },
    unnamed: async () => {
      const { result } = await call('Accessibility.getFullAXTree');
      return (result?.nodes ?? [])
        .filter(({ ignored, role, name }) => !ignored && NEEDS_NAME.test(role?.value ?? '') && !name?.value)
        .map(({ role }) => role?.value ?? '');
    },
    valueOf: async <T>(expression: string) => {
      const { result } = await call('Runtime.evaluate', {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      return result?.result?.value as T;
    },
  };
}
