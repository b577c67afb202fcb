import type { LedgerId } from '../../../shared/deploy/ledger/ledger.ts';
import { isForSource } from '../../../shared/deploy/wanted.ts';
import { parseObject } from '../../../shared/kernel/json.ts';
import { formatSourceId, type SourceId } from '../../../shared/model/ids.ts';
import { parseEvent } from '../../../shared/model/parse-event.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';

type Named = Pick<DeployEntry, 'name' | 'source' | 'dependsOn' | 'uses'>;

/** Each entry for each of its sources. */
export const idsOf = (entries: readonly Named[], sources: readonly SourceId[]): readonly LedgerId[] =>
  entries.flatMap((entry) =>
    sources
      .filter((source) => isForSource(entry, source))
      .map(({ namespace, name }) => ({ deploy: entry.name, namespace, name })),
  );

/** Whether everything is to be looked at: by the schedule, or since the documents are others now. */
export const isForAll = (body: string): boolean =>
  ['aws.events', 'aws.s3'].includes(String(parseObject(body)?.['source']));

/** Whether it is an event of AWS that a target may have sent. */
export const isOfTarget = (body: string): boolean =>
  !isForAll(body) && String(parseObject(body)?.['source']).startsWith('aws.');

/**
 * Which deploys a message has look: of the source of an event, those that use it, those that depend on one that has
 * succeeded, and all by the schedule and when documents changed. What is no message of ours has none look. Pure.
 */
export function deployLooks(
  body: string,
  { deploys, sources }: { readonly deploys: readonly Named[]; readonly sources: readonly SourceId[] },
): readonly LedgerId[] {
  if (isForAll(body)) return idsOf(deploys, sources);
  const read = parseEvent(parseObject(body));
  if (!read.ok) return [];
  const { 'detail-type': type, detail } = read.data;
  if (type === 'Deploy Succeeded') {
    return idsOf(
      deploys.filter(({ dependsOn = [] }) => dependsOn.includes(detail.deploy)),
      sources,
    );
  }
  if (type !== 'Artifact Revision Changed') return [];
  const id = formatSourceId(detail);
  const using = deploys.filter(({ uses }) => uses?.includes(id));
  const others = deploys.filter((each) => !using.includes(each));
  return [
    ...idsOf(using, sources),
    ...idsOf(
      others,
      sources.filter((source) => formatSourceId(source) === id),
    ),
  ];
}
