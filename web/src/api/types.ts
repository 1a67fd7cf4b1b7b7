/** Short names for what the API says. All of it comes from its document, through `npm run api`. */
import type { components } from './schema'

type Said = components['schemas']

/** The feed leaves out what is null, and so may any answer: see `wholeCase`. */
export type ToldCase = Said['CaseView']
type Whole<T> = { [K in keyof T]-?: Exclude<T[K], undefined> }
export type ElderOnCase = Whole<Said['ElderOnCase']>
export type Location = Whole<NonNullable<ToldCase['location']>>
export type CaseView = Omit<Whole<ToldCase>, 'elder' | 'location'> & {
  elder: ElderOnCase | null
  location: Location | null
}

export type Account = Said['AccountView']
export type SessionTold = Said['SessionView']
export type AlarmKind = Said['AlarmKind']
export type CallResult = Said['CallResult']
export type CaseContext = Said['Context']
export type CaseEscalation = Said['CaseEscalation']
export type EscalationRun = Said['RunView']
export type EscalationStep = Said['EscalationStepView']
export type EscalationPlan = Said['EscalationPlanView']
export type EscalationPlanList = Said['EscalationPlanList']
export type EscalationTerms = Said['EscalationTermsView']
export type EscalationTermsForm = Said['EscalationTermsForm']
export type EscalationWarning = Said['EscalationWarningView']
export type Rehearsal = Said['RehearsalView']
export type CaseState = ToldCase['state']
export type Catalogue = Said['CatalogueView']
export type Contact = Said['ContactView']
export type DeviceNote = Said['DeviceNote']
export type DeviceRow = Said['DeviceRow']
export type DeviceView = Said['DeviceView']
export type ElderChange = Said['ElderChange']
export type ElderProfile = Said['Profile']
export type ElderRow = Said['ElderRow']
export type Grant = Said['GrantView']
export type GrantKind = Said['GrantKind']
export type BookableService = Said['BookableService']
export type Cancellation = Said['Cancellation']
export type ElderCatalogue = Said['ElderCatalogue']
export type ElderMenu = Said['ElderMenu']
export type OfferedService = Said['OfferedService']
export type SeriesDate = Said['DateView']
export type SeriesDetail = Said['SeriesDetail']
export type SeriesForm = Said['SeriesForm']
export type SeriesView = Said['SeriesView']
export type WorkerPosition = Said['WorkerPosition']
export type OrderDetail = Said['OrderDetail']
export type OrderForm = Said['OrderForm']
export type Quote = Said['Quote']
export type Scheme = Said['SchemeHistory']
export type SchemeTerms = Said['SchemeTermsForm']
export type SchemeVersion = Said['SchemeView']
export type Award = Said['AwardView']
export type Awarded = Said['AwardedView']
export type Candidate = Said['CandidateView']
export type OrderView = Said['OrderView']
export type ServedDish = Said['ServedDish']
export type Text = Said['Text']
export type TimelineLine = Said['TimelineLine']
export type VisitView = Said['VisitView']
export type Allergen = Said['AllergenView']
export type Dish = Said['DishView']
export type Menu = Said['MenuView']
export type MenuItem = Said['MenuItemView']
export type SheetReport = Said['Report']
export type OrderRules = Said['OrderRulesForm']
export type WelfareRules = Said['WelfareRulesForm']
export type Hiring = Said['Hiring']
export type WorkerChange = Said['WorkerChange']
export type Schedule = Said['ScheduleView']
export type ShiftRow = Said['GridRow']
export type Life = Said['LifeView']
export type LifeConsequences = Said['Consequences']
export type LifeMove = Said['LifeMove']
export type LifeTold = Said['LifeTold']
export type Leave = Said['LeaveView']
export type Notice = Said['NoticeView']
export type Outcome = Said['Outcome']
export type ProviderChange = Said['ProviderChange']
export type ProviderRow = Said['ProviderRow']
export type ProviderView = Said['ProviderView']
export type ReadingRemark = Said['ReadingRemark']
export type Region = Said['Region']
export type ShiftDay = Said['WorkerDay']
export type Worker = Said['WorkerView']
export type RefusedWorker = Said['RefusedWorker']
export type Registration = Said['Registration']
export type Revealed = Said['Revealed']
export type SosState = Said['SosView']['state']
export type Offer = Said['OfferHistory']
export type OfferVersion = Said['OfferView']
export type ServiceTerms = Said['TermsForm']
export type ServiceVersion = Said['ServiceView']
export type TimelineEntry = Said['EntryView']
export type UnreadableMessages = Said['UnreadableMessages']
export type Visit = Said['VisitOnRoute']
export type VisitMove = Said['VisitMoveForm']['move']
export type VisitState = Said['VisitState']
export type Vital = Said['LatestVital']
export type VitalSeries = Said['Series']
export type MovedVisit = Said['Moved']
export type Evidence = Said['EvidenceView']
export type Figure = Said['Figure']
export type FigureDefinition = Said['DefinitionView']
export type FigureDetail = Said['FigureDetail']
export type FigureList = Said['FigureList']
export type FigureRow = Said['FigureRow']
export type FigureShown = Said['ShownView']
export type NotVisited = Said['NotVisited']
export type ReachDay = Said['ReachDay']
export type ReachRow = Said['ReachRow']
export type StarsOfProvider = Said['StarsOfProvider']
export type StarMonth = Said['PublishedView']
export type StarRating = Said['RatingView']
export type DutyPage = Said['DutyPage']
export type OnDuty = Said['DutyView']
export type FigureToday = Said['FigureToday']
export type DesksNow = Said['DesksNow']
export type DeskNow = Said['DeskView']
export type HeldCase = Said['HeldCase']
export type LoadLimits = Said['LoadLimits']
export type LateVisit = Said['LateVisit']
export type ModelNow = Said['ModelNow']
export type Plan = Said['PlanTold']
export type Slots = Said['SlotsView']
export type VisitOnPlan = Said['VisitOnPlan']
export type Waiting = Said['Unassigned']
/** What differs is [amount, points]. */
export type WhatIf = Omit<Said['WhatIfTold'], 'terms'>
export type Why = Said['WhyTold']
export type WorkerOnPlan = Said['WorkerOnPlan']

/** In the order of their keys. */
export const CALL_RESULTS = [
  'answered',
  'no_answer',
  'busy',
  'wrong_number',
  'refused',
] as const satisfies readonly CallResult[]

/** In the order of their keys. */
export const OUTCOMES = [
  'handled_by_phone',
  'family_attended',
  'responder_attended',
  'ambulance_called',
  'false_alarm',
  'test',
  'device_fault',
  'unreachable',
  'duplicate',
] as const satisfies readonly Outcome[]
