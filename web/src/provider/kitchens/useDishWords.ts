/** What a dish is, in words. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

import type { Allergen, Dish } from '@/api/types'

export function useDishWords(allergens: () => readonly Allergen[]) {
  const { t, locale } = useI18n()
  const language = computed(() => (locale.value === 'en' ? 'en' : 'zh'))

  function kinds(dish: Dish): string[] {
    return [...(dish.texture === 'soft' ? [t('dish.soft')] : []), ...(dish.low_salt ? [t('dish.lowSalt')] : []), ...(dish.low_sugar ? [t('dish.lowSugar')] : [])]
  }
  function holds(dish: Dish): string {
    const named = dish.allergens.map((code) => allergens().find((one) => one.code === code)?.name[language.value] ?? code)
    return [...named, ...(dish.other_allergens ? [dish.other_allergens] : [])].join(t('data.listComma'))
  }
  return { language, kinds, holds }
}
