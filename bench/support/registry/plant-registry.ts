import { startEmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { plantArtifact, tinyArtifact } from '../artifacts/tiny-artifact.ts';
import { type PlantedRegistryOptions, type RequestCount, repositoryName } from './planted-registry.ts';

const options = JSON.parse(process.argv[2] ?? '') as PlantedRegistryOptions;
const registry = await startEmbeddedRegistry({ auth: options.auth });
let artifact = await tinyArtifact('shared');
for (let at = 0; at < options.repositories; at += 1) {
  const repository = repositoryName(at);
  if (options.content === 'own') artifact = await tinyArtifact(repository);
  plantArtifact(registry.content, artifact, { repository, tag: 'v1' });
}

process.on('message', () => {
  const { requests } = registry;
  const count: RequestCount = {
    head: requests.count('HEAD'),
    get: requests.count('GET'),
    token: requests.count('GET', /token/),
  };
  requests.reset();
  process.send?.(count);
});
process.on('disconnect', () => process.exit());
process.send?.(registry.host);
