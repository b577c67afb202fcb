import type { RegistryRequest } from '../registry-request.ts';
import type { FaultEffect, FaultMatch } from './fault.ts';

interface Armed {
  readonly match: FaultMatch;
  readonly effects: readonly FaultEffect[];
  seen: number;
}

function isFor(match: FaultMatch, request: RegistryRequest): boolean {
  const query = request.query.toString();
  const target = query === '' ? request.path : `${request.path}?${query}`;
  const authorized = request.headers.authorization !== undefined;
  return (
    (match.method === undefined || match.method === request.method) &&
    (match.authorized === undefined || match.authorized === authorized) &&
    target.search(match.path) >= 0
  );
}

const isSpent = ({ match, seen }: Armed): boolean =>
  match.times !== undefined && seen >= (match.skip ?? 0) + match.times;

/** The script of what goes wrong. The first fault that matches and is not spent meets a request, and no other. */
export class Faults {
  #armed: Armed[] = [];

  add(match: FaultMatch, ...effects: readonly FaultEffect[]): void {
    this.#armed.push({ match, effects, seen: 0 });
  }

  clear(): void {
    this.#armed = [];
  }

  /** Effects for this request, which counts as met by it. */
  take(request: RegistryRequest): readonly FaultEffect[] {
    for (const armed of this.#armed) {
      if (isSpent(armed) || !isFor(armed.match, request)) continue;
      armed.seen += 1;
      if (armed.seen > (armed.match.skip ?? 0)) return armed.effects;
    }
    return [];
  }
}
