import { createHmac, randomBytes } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Clock } from '../shared/clock.ts';
import { CONSOLE_BODY_BYTES, CONSOLE_LOGINS } from '../shared/limits.ts';
import { type ConsoleCaller, isFromHere, isOwnForm, isOwnOrigin, isSame, portOf } from './guard.ts';

/** What an empty form has. */
type Form = Readonly<Record<string, unknown>>;

const callerOf = (context: Context): ConsoleCaller => ({
  address: getConnInfo(context).remote.address ?? '',
  header: (name) => context.req.header(name),
});

/** Cookies go to every port of a host: two consoles on one have one each. */
const cookieOf = (context: Context): string => `landfall-console${portOf(context.req.header('host'))}`;

/** Slow enough that nobody tries them all. */
const REFUSAL_MS = 500;

/** Who may press buttons. */
export class Session {
  /** A form of another site cannot read it; a page of an older process has another one. */
  readonly form = randomBytes(18).toString('base64url');
  readonly #token: string | undefined;
  /** Not the token itself: one that is guessed, or read by who has another port, says nothing of it. */
  readonly #cookie: string | undefined;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #trying = 0;

  constructor({
    token,
    clock,
    signal,
  }: { readonly token: string | undefined; readonly clock: Clock; readonly signal: AbortSignal }) {
    this.#token = token;
    this.#cookie = token && createHmac('sha256', randomBytes(32)).update(token).digest('base64url');
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Whether buttons are unlocked by a token, rather than by this machine. */
  get hasToken(): boolean {
    return this.#cookie !== undefined;
  }

  mayAct(context: Context): boolean {
    if (this.#cookie !== undefined) return isSame(getCookie(context, cookieOf(context)) ?? '', this.#cookie);
    return isFromHere(callerOf(context)) && isOwnOrigin(callerOf(context));
  }

  /** Undefined where it is too long, or stands on a page of another site. */
  async formOf(context: Context): Promise<Form | undefined> {
    const length = Number(context.req.header('content-length') ?? Number.NaN);
    return length <= CONSOLE_BODY_BYTES && isOwnForm(callerOf(context)) ? context.req.parseBody() : undefined;
  }

  isOurs(form: Form): boolean {
    return isSame(String(form['form'] ?? ''), this.form);
  }

  /** `busy`: so many are tried at the same time that nothing is said of this one. */
  async unlock(context: Context): Promise<'unlocked' | 'refused' | 'busy'> {
    if (this.#trying >= CONSOLE_LOGINS) return 'busy';
    this.#trying += 1;
    try {
      const given = (await this.formOf(context))?.['token'];
      if (this.#cookie === undefined || typeof given !== 'string' || !isSame(given, this.#token ?? '')) {
        await this.#clock.sleep(REFUSAL_MS, this.#signal);
        return 'refused';
      }
      setCookie(context, cookieOf(context), this.#cookie, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return 'unlocked';
    } finally {
      this.#trying -= 1;
    }
  }

  lock(context: Context): void {
    deleteCookie(context, cookieOf(context), { path: '/' });
  }
}
