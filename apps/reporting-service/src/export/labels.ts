import type { Audience, Bilingual, CampaignKind, ContributionKind, ContributionStatus, Language, PublicationPreference, Stance } from '@cahier/contracts';

/** The words that reports show for the codes of the vocabulary. */
export const kindLabels: Record<ContributionKind, Bilingual> = {
  proposal: { fr: 'proposition', en: 'proposal' },
  remark: { fr: 'remarque', en: 'remark' },
  argument: { fr: 'argument', en: 'argument' },
  evidence: { fr: 'source', en: 'evidence' },
  opinion: { fr: 'avis', en: 'opinion' },
};
export const stanceLabels: Record<Stance, Bilingual> = {
  support: { fr: 'pour', en: 'support' },
  'support-with-reservation': { fr: 'pour, avec réserve', en: 'support with reservation' },
  neutral: { fr: 'neutre', en: 'neutral' },
  oppose: { fr: 'contre', en: 'oppose' },
};
export const audienceLabels: Record<Audience, Bilingual> = {
  citizen: { fr: 'citoyen', en: 'citizen' },
  patient: { fr: 'patient', en: 'patient' },
  'service-user': { fr: 'usager', en: 'service user' },
  'health-professional': { fr: 'professionnel de santé', en: 'health professional' },
  'health-organisation': { fr: 'structure de santé', en: 'health organisation' },
  'digital-health-company': { fr: 'entreprise du numérique en santé', en: 'digital health company' },
  institution: { fr: 'institution', en: 'institution' },
  association: { fr: 'association', en: 'association' },
  other: { fr: 'autre', en: 'other' },
};
export const statusLabels: Record<ContributionStatus, Bilingual> = {
  filed: { fr: 'déposée', en: 'filed' },
  hidden: { fr: 'masquée par la modération', en: 'hidden by a moderator' },
  withdrawn: { fr: 'retirée par son auteur', en: 'withdrawn by its author' },
};
export const publicationLabels: Record<PublicationPreference, Bilingual> = {
  named: { fr: 'avec le nom', en: 'named' },
  anonymous: { fr: 'anonyme', en: 'anonymous' },
  'not-published': { fr: 'non publiée', en: 'not published' },
};
export const languageLabels: Record<Language, Bilingual> = { fr: { fr: 'français', en: 'French' }, en: { fr: 'anglais', en: 'English' } };
export const campaignKindLabels: Record<CampaignKind, Bilingual> = {
  concertation: { fr: 'concertation', en: 'concertation' },
  consultation: { fr: 'consultation', en: 'consultation' },
  feedback: { fr: 'appel à commentaires', en: 'call for comments' },
};
/** What stands where an author stated nothing. */
export const notStated: Bilingual = { fr: 'non précisé', en: 'not stated' };
