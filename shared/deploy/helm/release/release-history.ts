import { gzipSync } from 'node:zlib';
import { isObject } from '../../../kernel/json.ts';
import { deployFailed, deployUnavailable } from '../../kit/failures.ts';
import type { Cluster } from '../../kubernetes/cluster/cluster.ts';
import { clusterRefusal, isSuccess } from '../../kubernetes/cluster/cluster-refusal.ts';
import { isOwnedBy, type OwnerLabels } from '../../kubernetes/cluster/object-owner.ts';
import { textAt, valueAt } from '../../kubernetes/cluster-object.ts';
import { type Release, readRelease, unpackedRelease } from './release.ts';

export interface ReleasePlace {
  readonly namespace: string;
  readonly name: string;
}

/** One revision of a release, as the labels of its Secret tell it. */
export interface ReleaseEntry {
  readonly version: number;
  readonly status: string;
  /** Of the chart and values that it was made of; empty where Landfall did not make it. */
  readonly digest: string;
  /** Whether its labels name this deploy. */
  readonly isOwn: boolean;
  /** Whether hooks after it have still to end: helm made it without them. */
  readonly isHooksPending: boolean;
  /** Another deploy of Landfall that they name; empty: none. */
  readonly other: string;
  /** Milliseconds since the epoch, when it was written last. */
  readonly writtenAt: number;
}

export const DIGEST_LABEL = 'landfall/digest';
/** `pending`, `done`: of the hooks after a revision. */
export const HOOKS_LABEL = 'landfall/hooks';
const TESTED_LABEL = 'landfall/tested';
/** Enough to know that there is a release and what it is; its content is read where it is needed. */
const LABELS_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=1,application/json';
const UNFAILED = /"status":"(?:deployed|pending-(?:install|upgrade|rollback))"/;

export const isPending = ({ status }: Pick<ReleaseEntry, 'status'>): boolean => status.startsWith('pending-');

/** Helm's history of one release: Secrets in its namespace, one a revision. */
export class ReleaseHistory {
  readonly #cluster: Cluster;
  readonly #owner: OwnerLabels;
  readonly place: ReleasePlace;

  constructor(cluster: Cluster, place: ReleasePlace, owner: OwnerLabels) {
    this.#cluster = cluster;
    this.#owner = owner;
    this.place = place;
  }

  get shown(): string {
    return `release ${this.place.namespace}/${this.place.name}`;
  }

  /** Oldest first. @throws LandfallError */
  async list(): Promise<readonly ReleaseEntry[]> {
    const { namespace, name } = this.place;
    const answer = await this.#cluster.send({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      query: { labelSelector: `owner=helm,name=${name}` },
      accept: LABELS_ONLY,
    });
    if (!isSuccess(answer)) throw clusterRefusal(`the history of ${this.shown} cannot be read`, answer);
    const items = valueAt(answer.body, 'items');
    return (Array.isArray(items) ? items : [])
      .map((item) => this.#entryOf(item))
      .filter(({ version }) => Number.isSafeInteger(version))
      .toSorted((a, b) => a.version - b.version);
  }

  #entryOf(item: unknown): ReleaseEntry {
    const label = (key: string): string => textAt(item, 'metadata', 'labels', key);
    const isOwn = isOwnedBy(item, this.#owner);
    const seconds = Number(label('modifiedAt') || label('createdAt'));
    return {
      version: Number(label('version')),
      status: label('status'),
      digest: label(DIGEST_LABEL),
      isOwn,
      isHooksPending: label(HOOKS_LABEL) === 'pending',
      other:
        isOwn || label('landfall/deploy') === ''
          ? ''
          : `${label('landfall/deploy')} of ${label('landfall/source')}`,
      writtenAt: seconds * 1000 || Date.parse(textAt(item, 'metadata', 'creationTimestamp')) || 0,
    };
  }

  #pathOf(version: number): string {
    const { namespace, name } = this.place;
    return `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v${version}`;
  }

  async #secretOf(version: number) {
    const answer = await this.#cluster.send({ method: 'GET', path: this.#pathOf(version) });
    if (answer.status === 404)
      throw deployUnavailable(`revision ${version} of ${this.shown} has gone meanwhile`);
    if (!isSuccess(answer))
      throw clusterRefusal(`revision ${version} of ${this.shown} cannot be read`, answer);
    const text = unpackedRelease(textAt(answer.body, 'data', 'release')) ?? '';
    const release = readRelease(text);
    if (release !== undefined) return { secret: answer.body, text, release };
    throw deployFailed(`revision ${version} of ${this.shown} is not what Helm writes`, {
      hint: 'Look at it by `helm history`; delete its Secret where nobody can read it, and replay the deploy.',
    });
  }

  /** @throws LandfallError DEPLOY_UNAVAILABLE where it has gone, DEPLOY_FAILED where it cannot be read */
  async read(version: number): Promise<Release> {
    const { release, secret } = await this.#secretOf(version);
    // helm hands labels on to the next revision: this one's names it.
    const [of, how = ''] = textAt(secret, 'metadata', 'labels', TESTED_LABEL).split('-');
    return { ...release, tested: of === String(version) ? how : '' };
  }

  /** Keeps how the tests of a revision have ended. @throws LandfallError */
  keepTested(version: number, how: 'passed' | 'failed'): Promise<void> {
    return this.#label(version, { [TESTED_LABEL]: `${version}-${how}` });
  }

  /** Keeps that the hooks after a revision have ended. @throws LandfallError */
  keepHooked(version: number): Promise<void> {
    return this.#label(version, { [HOOKS_LABEL]: 'done' });
  }

  async #label(version: number, labels: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.#cluster.send({
      method: 'PATCH',
      path: this.#pathOf(version),
      query: { fieldManager: 'landfall' },
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels } },
    });
    if (!isSuccess(answer))
      throw clusterRefusal(`revision ${version} of ${this.shown} cannot be labelled`, answer);
  }

  /**
   * Has what a killed helm left, or whose hook failed, count as failed, so that another may run: all else of its text stays as
   * Helm wrote it.
   * @throws LandfallError DEPLOY_UNAVAILABLE where it is changed meanwhile
   */
  async fail(version: number): Promise<void> {
    const { secret, text } = await this.#secretOf(version);
    const failed = text.replace(UNFAILED, '"status":"failed"');
    const release = Buffer.from(gzipSync(failed).toString('base64')).toString('base64');
    const metadata = isObject(secret['metadata']) ? secret['metadata'] : {};
    const labels = isObject(metadata['labels']) ? metadata['labels'] : {};
    const answer = await this.#cluster.send({
      method: 'PUT',
      path: this.#pathOf(version),
      query: { fieldManager: 'landfall' },
      body: {
        ...secret,
        metadata: { ...metadata, labels: { ...labels, status: 'failed' } },
        data: { release },
      },
    });
    if (answer.status === 409 || answer.status === 404)
      throw deployUnavailable(`revision ${version} of ${this.shown} was changed meanwhile`);
    if (!isSuccess(answer))
      throw clusterRefusal(`revision ${version} of ${this.shown} cannot be marked as failed`, answer);
  }

  /** @throws LandfallError */
  async forget(version: number): Promise<void> {
    const answer = await this.#cluster.send({ method: 'DELETE', path: this.#pathOf(version) });
    if (!isSuccess(answer) && answer.status !== 404)
      throw clusterRefusal(`revision ${version} of ${this.shown} cannot be removed`, answer);
  }
}
