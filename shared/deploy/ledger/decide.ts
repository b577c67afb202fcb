import { type Clock, timestamp } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { deployDecidedEvent } from '../../event/deploy-events.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { formatSourceId } from '../../model/ids.ts';
import type { Revision, Status } from '../../model/status.ts';
import { requireStatus } from '../../store/status-store.ts';
import type { Store } from '../../store/store.ts';
import { type Ledger, type LedgerChange, type LedgerId, updateLedger } from './ledger.ts';
import type { LedgerRun } from './ledger-schema.ts';

export interface DecideRequest extends LedgerId {
  /** `unskipped`: a skip is taken back. */
  readonly decision: 'approved' | 'rejected' | 'skipped' | 'unskipped';
  /** A revision, its tag or its digest; undefined: what it waits for. */
  readonly revision: string | undefined;
  /** Who decides. */
  readonly by: string;
  readonly reason: string | null;
}

export interface DecideDeps extends CallOptions {
  readonly store: Pick<Store, 'objects'>;
  readonly clock: Clock;
  readonly origin: { readonly account: string; readonly region: string };
}

/** How many skipped revisions are remembered: older ones are long past. */
const KEPT_SKIPS = 20;

/** Fewer would be met by chance: `1` is a tag or a generation that somebody remembers wrongly. */
const SHORT_DIGEST = /^(?:sha256:)?([0-9a-f]{7,64})…?$/i;

/** Whether somebody means this revision: by revision, tag or digest, or the beginning of that, as tables have it. */
export function isMeantBy(
  text: string,
  { revision, tag, digest }: Pick<Revision, 'revision' | 'tag' | 'digest'>,
): boolean {
  if ([revision, tag, digest].includes(text)) return true;
  const [, beginning] =
    SHORT_DIGEST.exec(text.startsWith(`${tag}@`) ? text.slice(`${tag}@`.length) : text) ?? [];
  return beginning !== undefined && digest.split(':')[1]?.startsWith(beginning.toLowerCase()) === true;
}

function requireRevision(
  status: Status,
  { deploy, revision: text }: DecideRequest,
  ledger: Ledger,
): Revision {
  const { current } = status;
  const of = `${deploy} of ${formatSourceId(status)}`;
  if (current === null)
    throw new LandfallError('DEPLOY_NOT_FOUND', `${of}: ${formatSourceId(status)} has landed nothing yet`);
  if (text === undefined) {
    if (ledger.waiting !== null && ledger.waiting.digest === current.digest) return current;
    throw new LandfallError('DEPLOY_NOT_FOUND', `${of} waits for nobody at ${current.revision}`, {
      hint: 'See: landfall get deploys; --revision decides of what is current before it is asked for.',
    });
  }
  if (isMeantBy(text, current)) return current;
  throw new LandfallError('DEPLOY_NOT_FOUND', `${of}: ${text} is not current, ${current.revision} is`, {
    hint: 'Only what is current is deployed: see landfall history.',
  });
}

/** The run under way whose target asks, where that is what is meant. */
function askingRun({ run }: Ledger, { revision: text }: DecideRequest): LedgerRun | null {
  if (run === null || !run.asks) return null;
  const [tag = ''] = run.revision.split('@', 1);
  return text === undefined || isMeantBy(text, { ...run, tag }) ? run : null;
}

/** @throws LandfallError DEPLOY_NOT_FOUND where it is not skipped */
function withSkip(
  { deploy, skipped, ...id }: Ledger,
  { digest, revision }: Pick<Revision, 'digest' | 'revision'>,
  { decision, ...said }: Pick<DecideRequest, 'decision' | 'by' | 'reason'> & { readonly at: string },
): Ledger['skipped'] {
  const others = skipped.filter((each) => each.digest !== digest);
  if (decision === 'skipped') return [...others, { digest, ...said }].slice(-KEPT_SKIPS);
  if (others.length < skipped.length) return others;
  throw new LandfallError(
    'DEPLOY_NOT_FOUND',
    `${deploy} of ${formatSourceId(id)} does not skip ${revision}`,
    {
      hint: 'See: landfall get deploys',
    },
  );
}

/**
 * Writes a person's word into the ledger of a deploy, and its event into the outbox: who, when and why. Whoever runs the
 * deploy next goes by it. Where the target of a run asks, it is the answer to that.
 * @throws LandfallError SOURCE_NOT_FOUND, DEPLOY_NOT_FOUND where it waits for nobody, for another revision, or skips none
 */
export async function decideDeploy(request: DecideRequest, deps: DecideDeps): Promise<Ledger> {
  const { decision, by, reason } = request;
  const { store, clock, origin, signal } = deps;
  const status = await requireStatus(store.objects, request, { signal });
  const at = timestamp(clock);
  const change: LedgerChange = (now) => {
    const isSkip = decision === 'skipped' || decision === 'unskipped';
    const asking = isSkip ? null : askingRun(now, request);
    const revision = asking ?? requireRevision(status, request, now);
    const { digest } = revision;
    const { url, labels, namespace, name } = status;
    const held = {
      source: { namespace, name, url, labels },
      deploy: request.deploy,
      kind: now.kind ?? 'unknown',
      revision,
      origin: { ...origin, time: at },
    };
    const outbox = [...now.outbox, deployDecidedEvent(held, { decision, by, reason })];
    if (isSkip) return { ...now, outbox, skipped: withSkip(now, revision, { decision, by, at, reason }) };
    if (asking !== null) return { ...now, outbox, run: { ...asking, answer: { decision, by, at, reason } } };
    return { ...now, outbox, decision: { decision, digest, by, at, reason } };
  };
  const { namespace, name, deploy } = request;
  return (await updateLedger(store.objects, { namespace, name, deploy }, change, { clock, signal })).ledger;
}
