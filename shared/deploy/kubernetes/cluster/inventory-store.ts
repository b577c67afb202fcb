import { KUBERNETES_INVENTORY_BYTES } from '../../../limits.ts';
import { deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { textAt } from '../cluster-object.ts';
import type { Cluster } from './cluster.ts';
import { clusterRefusal, isSuccess } from './cluster-refusal.ts';
import { formatInventory, type Inventory, inventoryOf, parseInventory } from './inventory.ts';
import { isOwnedBy, type OwnerLabels } from './object-owner.ts';

export interface InventoryPlace {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The list of what a deploy made, as a ConfigMap beside it: a thousand objects are more than a ledger keeps, and it has to be
 * right whatever became of whoever wrote it. What is about to be made is in it before it is made.
 */
export class InventoryStore {
  readonly #cluster: Cluster;
  readonly #place: InventoryPlace;
  readonly #owner: OwnerLabels;
  /** Of the ConfigMap as it was read; empty where there is none. */
  #version = '';
  #text = '';

  constructor(cluster: Cluster, place: InventoryPlace, owner: OwnerLabels) {
    this.#cluster = cluster;
    this.#place = place;
    this.#owner = owner;
  }

  get #shown(): string {
    return `the inventory (ConfigMap/${this.#place.namespace}/${this.#place.name})`;
  }

  get #collection(): string {
    return `/api/v1/namespaces/${this.#place.namespace}/configmaps`;
  }

  /** Empty where there is none. @throws LandfallError DEPLOY_FAILED where somebody else wrote it */
  async read(): Promise<Inventory> {
    const answer = await this.#cluster.send({
      method: 'GET',
      path: `${this.#collection}/${this.#place.name}`,
    });
    if (answer.status === 404) return inventoryOf([]);
    if (!isSuccess(answer)) throw clusterRefusal(`${this.#shown} cannot be read`, answer);
    this.#version = textAt(answer.body, 'metadata', 'resourceVersion');
    this.#text = textAt(answer.body, 'data', 'inventory');
    const inventory = isOwnedBy(answer.body, this.#owner) ? parseInventory(this.#text) : undefined;
    if (inventory !== undefined) return inventory;
    throw deployFailed(`${this.#shown} is not what this deploy wrote`, {
      hint: 'Bring back what it was. Or delete it: what the deploy made before then stays in the cluster, and the artifact is applied anew.',
    });
  }

  /** Writes nothing where it is so already. @throws LandfallError DEPLOY_UNAVAILABLE where another worker was first */
  async write(inventory: Inventory): Promise<void> {
    const text = formatInventory(inventory);
    if (text === this.#text) return;
    const size = Buffer.byteLength(text);
    if (size > KUBERNETES_INVENTORY_BYTES)
      throw deployFailed(
        `${this.#shown} would have ${size} bytes for ${inventory.size} objects, wanted at most ${KUBERNETES_INVENTORY_BYTES}`,
        { hint: 'Split the artifact into several deploys, each with its own folder.' },
      );
    const { namespace, name } = this.#place;
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace,
        labels: this.#owner,
        ...(this.#version && { resourceVersion: this.#version }),
      },
      data: { inventory: text },
    };
    const isNew = this.#version === '';
    const answer = await this.#cluster.send({
      method: isNew ? 'POST' : 'PUT',
      path: isNew ? this.#collection : `${this.#collection}/${name}`,
      query: { fieldManager: 'landfall' },
      body,
    });
    if (answer.status === 409)
      throw deployUnavailable(`${this.#shown} was changed meanwhile`, {
        hint: 'It is read and tried again.',
      });
    if (!isSuccess(answer)) throw clusterRefusal(`${this.#shown} cannot be written`, answer);
    this.#version = textAt(answer.body, 'metadata', 'resourceVersion');
    this.#text = text;
  }

  /** @throws LandfallError */
  async remove(): Promise<void> {
    const answer = await this.#cluster.send({
      method: 'DELETE',
      path: `${this.#collection}/${this.#place.name}`,
    });
    if (!isSuccess(answer) && answer.status !== 404)
      throw clusterRefusal(`${this.#shown} cannot be removed`, answer);
  }
}
