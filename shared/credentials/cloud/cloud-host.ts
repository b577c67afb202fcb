/** Registries of Google: a token of its cloud is sent to no other. */
export const isGoogleHost = (registry: string): boolean =>
  /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z0-9-]+\.)?gcr\.io)$/.test(registry);

/** Registries of Azure's public cloud. */
export const isAzureHost = (registry: string): boolean => /^[a-z0-9-]+\.azurecr\.io$/.test(registry);

/** What Entra wants a federated token to be for. */
export const FEDERATION_AUDIENCE = 'api://AzureADTokenExchange';
