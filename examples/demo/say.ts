import { styleText } from 'node:util';
import type { EventEnvelope } from '../../shared/model/envelope.ts';

let step = 0;

/** What the demo shows, on stdout; colours only where stdout is a terminal that has them. */
export const say = (text: string): void => console.log(`   ${text}`);

export function sayStep(text: string): void {
  step += 1;
  console.log(`\n${styleText('bold', `${step}. ${text}`)}`);
}

export const sayCommand = (text: string): void => say(styleText('cyan', `$ ${text}`));

export const sayYaml = (text: string): void => {
  for (const line of text.trimEnd().split('\n')) say(styleText('dim', line));
};

/** The part of *Artifact Revision Changed* that a subscriber looks at. */
export function sayEvent(event: EventEnvelope | undefined): void {
  if (event?.['detail-type'] !== 'Artifact Revision Changed') return;
  const { namespace, name, generation, revision, contentDigest, changes, trigger } = event.detail;
  const shown = {
    'detail-type': event['detail-type'],
    detail: { namespace, name, generation, revision, contentDigest, changes, trigger },
  };
  for (const line of JSON.stringify(shown, null, 2).split('\n')) say(line);
}

export function sayFailure(event: EventEnvelope | undefined): void {
  if (event?.['detail-type'] !== 'Source Reconcile Failed') return;
  const { code, message, hint, kind } = event.detail;
  say(styleText('red', `${code}: ${message}`));
  if (hint) say(`next: ${hint}`);
  say(`(${kind}: it is not fetched again until something changes)`);
}
