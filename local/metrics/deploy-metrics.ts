import type { DeployStanding } from './deploy-board.ts';
import { type Exposition, type LabelText, labelText, type MetricAbout, withLabel } from './exposition.ts';

const gauge = (name: string, help: string): MetricAbout => ({
  name: `landfall_deploy_${name}`,
  help,
  type: 'gauge',
});

const labelsOf = ({ id: { deploy, namespace, name } }: DeployStanding): LabelText =>
  labelText({ deploy, namespace, name });

/** Writes how every deploy is. */
export function writeDeploys(to: Exposition, deploys: Iterable<DeployStanding>): void {
  const told = [...deploys].map((each) => ({ ...each, labels: labelsOf(each) }));
  to.metric(gauge('state', '1 for the state that it is in.'));
  for (const { labels, state } of told) to.sample(withLabel(labels, 'state', state), 1);
  to.metric(gauge('state_since_timestamp_seconds', 'Since when it is in its state.'));
  for (const { labels, since } of told) if (since !== undefined) to.sample(labels, since / 1000);
  to.metric(gauge('generation', 'That it has applied; 0: none.'));
  for (const { labels, generation } of told) to.sample(labels, generation);
}
