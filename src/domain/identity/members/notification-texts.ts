/** What an email says of one notification, in its language. `{…}` is replaced. */
type Texts = {
  "comment.mention": string;
  "entry.assigned": string;
  "review.requested": string;
  "schedule.failed": string;
  "release.failed": string;
  "webhook.disabled": string;
  /** The subject of an email with one or several. */
  one: string;
  several: string;
  /** Why it comes, and what the link does. */
  because: string;
  stop: string;
};

const TEXTS: Record<string, Texts> = {
  en: {
    "comment.mention": "{by} mentioned you in a comment on {subject}.",
    "entry.assigned": "{by} assigned {subject} to you.",
    "review.requested": "{by} moved {subject} to {stage}: it waits for your review.",
    "schedule.failed": "What was scheduled for {subject} failed: {reason}.",
    "release.failed": "The release {subject} failed: {reason}.",
    "webhook.disabled": "The webhook {subject} was disabled, since its deliveries kept failing.",
    one: "Notification from {tenant}",
    several: "{count} notifications from {tenant}",
    because: "You get this email as a member of {tenant}.",
    stop: "Fewer emails",
  },
  de: {
    "comment.mention": "{by} hat Sie in einem Kommentar zu {subject} erwähnt.",
    "entry.assigned": "{by} hat Ihnen {subject} zugewiesen.",
    "review.requested": "{by} hat {subject} nach {stage} verschoben: Ihre Prüfung wird erwartet.",
    "schedule.failed": "Was für {subject} geplant war, ist fehlgeschlagen: {reason}.",
    "release.failed": "Das Release {subject} ist fehlgeschlagen: {reason}.",
    "webhook.disabled": "Der Webhook {subject} wurde abgeschaltet, weil seine Zustellungen fehlschlugen.",
    one: "Benachrichtigung von {tenant}",
    several: "{count} Benachrichtigungen von {tenant}",
    because: "Sie erhalten diese E-Mail als Mitglied von {tenant}.",
    stop: "Weniger E-Mails",
  },
  es: {
    "comment.mention": "{by} te mencionó en un comentario sobre {subject}.",
    "entry.assigned": "{by} te asignó {subject}.",
    "review.requested": "{by} movió {subject} a {stage}: espera tu revisión.",
    "schedule.failed": "Lo programado para {subject} falló: {reason}.",
    "release.failed": "El lanzamiento {subject} falló: {reason}.",
    "webhook.disabled": "El webhook {subject} se desactivó porque sus entregas fallaban.",
    one: "Notificación de {tenant}",
    several: "{count} notificaciones de {tenant}",
    because: "Recibes este correo como miembro de {tenant}.",
    stop: "Menos correos",
  },
  fr: {
    "comment.mention": "{by} vous a mentionné dans un commentaire sur {subject}.",
    "entry.assigned": "{by} vous a attribué {subject}.",
    "review.requested": "{by} a déplacé {subject} vers {stage} : votre relecture est attendue.",
    "schedule.failed": "Ce qui était planifié pour {subject} a échoué : {reason}.",
    "release.failed": "La version groupée {subject} a échoué : {reason}.",
    "webhook.disabled": "Le webhook {subject} a été désactivé car ses envois échouaient.",
    one: "Notification de {tenant}",
    several: "{count} notifications de {tenant}",
    because: "Vous recevez cet e-mail en tant que membre de {tenant}.",
    stop: "Moins d’e-mails",
  },
  it: {
    "comment.mention": "{by} ti ha menzionato in un commento su {subject}.",
    "entry.assigned": "{by} ti ha assegnato {subject}.",
    "review.requested": "{by} ha spostato {subject} in {stage}: attende la tua revisione.",
    "schedule.failed": "Quanto pianificato per {subject} non è riuscito: {reason}.",
    "release.failed": "La release {subject} non è riuscita: {reason}.",
    "webhook.disabled": "Il webhook {subject} è stato disattivato perché le consegne fallivano.",
    one: "Notifica da {tenant}",
    several: "{count} notifiche da {tenant}",
    because: "Ricevi questa email come membro di {tenant}.",
    stop: "Meno email",
  },
  nl: {
    "comment.mention": "{by} noemde u in een opmerking bij {subject}.",
    "entry.assigned": "{by} wees {subject} aan u toe.",
    "review.requested": "{by} verplaatste {subject} naar {stage}: uw beoordeling wordt verwacht.",
    "schedule.failed": "Wat voor {subject} was gepland, is mislukt: {reason}.",
    "release.failed": "De release {subject} is mislukt: {reason}.",
    "webhook.disabled": "De webhook {subject} is uitgeschakeld omdat de afleveringen bleven mislukken.",
    one: "Melding van {tenant}",
    several: "{count} meldingen van {tenant}",
    because: "U ontvangt deze e-mail als lid van {tenant}.",
    stop: "Minder e-mails",
  },
  pt: {
    "comment.mention": "{by} mencionou você em um comentário sobre {subject}.",
    "entry.assigned": "{by} atribuiu {subject} a você.",
    "review.requested": "{by} moveu {subject} para {stage}: aguarda a sua revisão.",
    "schedule.failed": "O que estava agendado para {subject} falhou: {reason}.",
    "release.failed": "O lançamento {subject} falhou: {reason}.",
    "webhook.disabled": "O webhook {subject} foi desativado porque as entregas falhavam.",
    one: "Notificação de {tenant}",
    several: "{count} notificações de {tenant}",
    because: "Você recebe este e-mail como membro de {tenant}.",
    stop: "Menos e-mails",
  },
};

/** A text in a language, English where there is none, with its parts filled in. */
export function textOf(
  language: string,
  name: string,
  parts: Readonly<Record<string, string>>,
): string | undefined {
  const texts = TEXTS[language] ?? TEXTS["en"]!;
  const text = Object.hasOwn(texts, name) ? texts[name as keyof Texts] : undefined;
  return text?.replaceAll(/\{(\w+)\}/g, (_, part: string) => parts[part] ?? "");
}
