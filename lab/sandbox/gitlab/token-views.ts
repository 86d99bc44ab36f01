import type { AccessToken, DeployToken } from './entities.ts'

const isPast = (day: string | null, today: string): boolean => day !== null && day.slice(0, 10) <= today

export const accessTokenView = (token: AccessToken, today: string) => ({
  id: token.id,
  name: token.name,
  revoked: token.revoked,
  created_at: token.created_at,
  description: token.description,
  scopes: token.scopes,
  user_id: token.user_id,
  last_used_at: token.last_used_at,
  active: !token.revoked && !isPast(token.expires_at, today),
  expires_at: token.expires_at,
})

export const deployTokenView = (token: DeployToken, today: string) => ({
  id: token.id,
  name: token.name,
  username: token.username,
  expires_at: token.expires_at,
  scopes: token.scopes,
  revoked: token.revoked,
  expired: isPast(token.expires_at, today),
})
