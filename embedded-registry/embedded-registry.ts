import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import { DEFAULT_LIMITS } from '../shared/limits.ts';
import { type AnswerDeps, answerRequest } from './answer-request.ts';
import { ANONYMOUS } from './auth/registry-auth.ts';
import { TokenIssuer } from './auth/token-issuer.ts';
import { RegistryContent } from './content.ts';
import { UploadSessions } from './endpoints/upload-sessions.ts';
import { replaces } from './faults/fault.ts';
import { bend, deliveryOf } from './faults/fault-reply.ts';
import { Faults } from './faults/faults.ts';
import { LISTEN_HOST, listen } from './listener.ts';
import { toNotification } from './notification.ts';
import { type DeliveryRecord, Notifier } from './notifier.ts';
import { NO_QUIRK } from './quirk.ts';
import { DEFAULT_PAGE_SIZE, type EmbeddedRegistryOptions } from './registry-options.ts';
import { readRequest } from './registry-request.ts';
import { type Reply, refuse, reply } from './reply.ts';
import { RequestLog } from './request-log.ts';
import { TOKEN_PATH } from './route.ts';
import { sendReply } from './send-reply.ts';

/** A small OCI registry in this process, in memory, on loopback. */
export interface EmbeddedRegistry {
  /** `http(s)://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT`, as references name it. */
  readonly host: string;
  readonly requests: RequestLog;
  readonly faults: Faults;
  /** What it holds; content planted here is not checked. */
  readonly content: RegistryContent;
  /** Every bearer token given out so far is past its time from now on. */
  expireTokens(): void;
  /** Resolves when the notifications of everything done so far are delivered or given up. */
  notified(): Promise<readonly DeliveryRecord[]>;
  /** Ends every connection and delivery. */
  close(): Promise<void>;
}

interface ServeDeps {
  readonly answer: AnswerDeps;
  readonly log: RequestLog;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly closed: AbortSignal;
}

async function serve(message: IncomingMessage, response: ServerResponse, deps: ServeDeps): Promise<void> {
  const request = readRequest(message);
  const setStatus = deps.log.record(request);
  const effects = deps.faults.take(request);
  let given: Reply = effects.some(replaces) ? reply(200) : await answerRequest(request, deps.answer);
  for (const effect of effects) {
    if (effect.kind === 'delay') await deps.clock.sleep(effect.milliseconds, deps.closed);
    if (effect.kind === 'move-tag') deps.answer.content.moveTag(effect.repository, effect.tag, effect.to);
    given = bend(given, effect);
  }
  const delivery = deliveryOf(effects);
  if (delivery.kind !== 'raw' && !('at' in delivery && delivery.at === 'start')) setStatus(given.status);
  sendReply(given, delivery, response);
}

/** A client that leaves in the middle of its body is no concern; anything else is answered 500. */
function fail(error: unknown, response: ServerResponse): void {
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const why = messageOf(error);
  sendReply(refuse(500, 'UNKNOWN', why, { Connection: 'close' }), { kind: 'whole' }, response);
}

/** The parts of a registry that do not depend on the port it gets. */
function assemble(options: EmbeddedRegistryOptions) {
  const { auth = ANONYMOUS, clock = systemClock, notifications = [] } = options;
  const ending = new AbortController();
  return {
    auth,
    clock,
    ending,
    log: new RequestLog(),
    faults: new Faults(),
    content: new RegistryContent(),
    uploads: new UploadSessions(),
    tokens: new TokenIssuer(clock),
    notifiers: notifications.map((target) => new Notifier(target, { clock, signal: ending.signal })),
    manifestBytes: options.manifestBytes ?? DEFAULT_LIMITS.manifestBytes,
    blobBytes: options.blobBytes ?? DEFAULT_LIMITS.layerBytes,
    pageSize: options.pageSize ?? DEFAULT_PAGE_SIZE,
    referrers: options.referrers ?? true,
    quirk: options.quirk ?? NO_QUIRK,
  };
}

type Parts = ReturnType<typeof assemble>;

function answerDeps(parts: Parts, url: string, host: string): AnswerDeps {
  const { auth, clock, notifiers } = parts;
  const instance = randomUUID();
  return {
    ...parts,
    notify: (change, request) => {
      const event = toNotification(change, request, { clock, url, host, instance });
      for (const notifier of notifiers) notifier.enqueue(event);
    },
    url,
    realm: (auth.kind === 'bearer' ? auth.realm : undefined) ?? `${url}${TOKEN_PATH}`,
    service: host,
  };
}

/** Starts a registry. @throws LandfallError CONFIG_INVALID where it cannot listen */
export async function startEmbeddedRegistry(
  options: EmbeddedRegistryOptions = {},
): Promise<EmbeddedRegistry> {
  const { tls, port = 0 } = options;
  const parts = assemble(options);
  const { clock, content, ending, faults, log, notifiers, tokens } = parts;
  const listener = await listen(
    (message, response) => {
      const deps = { answer, log, faults, clock, closed: ending.signal };
      serve(message, response, deps).catch((error: unknown) => fail(error, response));
    },
    { port, tls },
  );
  const host = `${LISTEN_HOST}:${listener.port}`;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}`;
  const answer = answerDeps(parts, url, host);
  const settled = (): Promise<unknown> => Promise.all(notifiers.map((notifier) => notifier.settled()));
  return {
    url,
    host,
    requests: log,
    faults,
    content,
    expireTokens: () => tokens.expireAll(),
    notified: async () => {
      await settled();
      return notifiers.flatMap(({ records }) => records);
    },
    close: async () => {
      ending.abort(new Error('the registry is closed'));
      await listener.close();
      await settled();
    },
  };
}
