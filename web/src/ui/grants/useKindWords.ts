/** What a grant allows, in a row. */
import { useI18n } from 'vue-i18n'

import type { GrantKind } from '@/api/types'

export function useKindWords(): (kinds: readonly GrantKind[]) => string {
  const { t } = useI18n()
  return (kinds) => kinds.map((kind) => t(`grantKind.${kind}`)).join(t('data.listComma'))
}
