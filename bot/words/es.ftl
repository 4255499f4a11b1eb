# Todo lo que Twoticks dice en español. Corto, amable, exacto, sin culpar a nadie (PRODUCT sección 8).

## Botones
button-all-written = Todo anotado ✓
button-others-written = Los demás, anotado ✓
button-mark-one = Marcar uno
button-no-homework = Sin deberes
button-not-today = Hoy no
button-written = Anotado
button-not-written = No anotado
button-absent = Ausente
button-change = Cambiar
button-back = Atrás
button-more-names = Más nombres
button-were-written = Estaba anotado ✓
button-dont-know = No lo sé
button-all-done = Todo hecho ✓
button-others-done = Lo demás, hecho ✓
button-something-missing = Falta algo
button-cant-check = Hoy no puedo mirarlo
button-done = Hecho
button-partly = En parte
button-not-done = No hecho
button-skip = Saltar
button-rushed = Hecho, pero con prisa
button-instead = Respondo yo
button-see-differently = Yo lo veo distinto
button-right = Sí, es correcto
button-not-mine = No es mi hijo/a
button-yes-join = Sí, me uno
button-no-thanks = No, gracias
button-yes-thats = Sí, es { $name }
button-no = No
button-yes-all = Sí a todos
button-is-away = { $child } no está
button-only-mine = Solo mis mensajes
reason-forgot = Se olvidó
reason-too-hard = Muy difícil
reason-no-time = Sin tiempo
reason-left-at-school = Se quedó en el colegio
reason-unwell = No se sentía bien
reason-other = Otra cosa

## La tarjeta del docente
teacher-preview = { $date } · ¿agendas vistas?
planners-seen = ¿agendas vistas?
which-name = ¿Cuál?
lines-open = { $count ->
    [one] 1 abierta
   *[other] { $count } abiertas
}
all-written = { $count ->
    [one] anotado
    [2] los dos anotados
   *[other] los { $count } anotados
}
some-written = { $count ->
    [0] respondido
    [one] 1 anotado
   *[other] { $count } anotados
}
cant-say-today = hoy no se sabe
no-homework-all = sin deberes
nobody-to-ask = hoy no hay nada que mirar
child-state = { $child }: { $state }
state-written = anotado
state-not-written = no anotado
state-no-homework = sin deberes
state-absent = ausente
state-cant-say = hoy no se sabe
state-no-answer = abierto
state-not-asked = abierto
state-dont-know = no se sabe
state-expected = abierto
changed-at = cambiado { $time }
last-night = Anoche en casa: { $what }
tonight = En casa: { $what }
earlier-night = El { $weekday } en casa: { $what }
earlier-open = { $count ->
    [one] El { $weekday }, 1 abierta: { $names }
   *[other] El { $weekday }, { $count } abiertas: { $names }
}
nudge-over = Esta pregunta ha terminado. La tarjeta del día todavía admite respuesta.
home-count-done = { $count } con todo hecho
home-child-done = { $child }: todo hecho
home-done = hecho
home-cant-say = no se sabe
home-no-answer = sin respuesta
home-not-asked = sin preguntar
home-two-answers = dos respuestas de casa
home-not-all-done = no todo hecho
home-not-joined = Su familia todavía no se ha unido: { $names }
class-not-done = { $course } sin hacer
class-partly = { $course } a medias
was-not-written = { $what } (no estaba anotado)
late-mark = { $what }, tarde
more-exceptions = + { $count }
yesterday-open = { $count ->
    [one] Ayer, 1 abierta: { $names }
   *[other] Ayer, { $count } abiertas: { $names }
}
has-stopped = { $name } ha dejado de recibir mensajes aquí.
has-lost = Los mensajes a { $name } no llegan.
report-ends = El informe diario de { $child } termina con la tarjeta de hoy.
report-rests = El informe de { $child } descansa: en casa todavía no se ha unido nadie.
teacher-nudge = { $count ->
    [one] Hoy queda 1 agenda abierta: { $names }
   *[other] Hoy quedan { $count } agendas abiertas: { $names }
}
nudge-answered = Respondido por { $name }, { $time }
day-closed = Ese día ya está cerrado.

## La tarjeta de casa
all-written-home = todo anotado ✓
things-to-look-at = { $count ->
    [one] 1 cosa que mirar
   *[other] { $count } cosas que mirar
}
some-confirmed = { $count } de { $total } confirmadas
none-confirmed = sin confirmar todavía
let-show = Pídele a { $child } que te enseñe la agenda.
ask-to-show = Pregúntale a { $child } y que te enseñe la agenda.
class-written = { $course } ✓
class-no-homework = { $course }: sin deberes
class-absent = { $course }: no estuvo en clase
class-not-written = { $course }: no anotado
class-cant-say = { $course }: hoy no se sabe
class-not-confirmed = { $course }: sin confirmar todavía
class-not-confirmed-by = { $course }: { $teacher } aún no lo ha confirmado
answers-tonight = Hoy responde { $name }.
about-child = { $child }: ¿qué tal ha ido?
done = hecho
done-rushed = hecho, con prisa
cant-check = hoy no se puede mirar
cant-check-thanks = No pasa nada. Gracias por decirlo.
late = tarde
no-answer = sin respuesta
thats-all-right = No pasa nada. Todavía puedes responder.
two-answers = dos respuestas: { $what }
who-says = { $name }, { $what }
word-done = hecho
word-partly = a medias
word-not-done = sin hacer
thanks = Gracias.
and-the-others = ¿{ $courses }?
which-class = { $child }: ¿qué asignatura?
state-question = { $child } · { $course }: ¿hasta dónde ha llegado?
reason-question = { $child } · { $course }: ¿qué lo ha impedido?
home-nudge = ¿Qué tal los deberes de { $child }?
nothing-tonight = hoy no hay nada que mirar

## Unirse
join-preview = Un mensaje de { $school }
join-hello = Hola. Te unes por { $who }. ¿Es correcto?
join-kept = Guardamos quién confirmó qué y cuándo.
join-seen = Lo ven los docentes de tu hijo o hija. Se guarda hasta un año después de este curso.
join-ends = Con STOP se acaba al momento.
join-thanks = Gracias. El colegio confirma que eres tú y entonces empieza.
join-refused = No hemos podido confirmarlo. Pregunta en el colegio, por favor.
join-no-more = De acuerdo. Esta invitación no está en uso.
welcome = Te damos la bienvenida.
welcome-guardian = Los días de clase, a las { $time }, recibes una tarjeta sobre { $child }.
welcome-teacher = Te damos la bienvenida. Cada día de clase, a las { $time }, recibes una tarjeta; si todo está anotado, es un toque.
welcome-stop = Escribe ayuda cuando quieras. Con STOP se acaba al momento.
claims-preview = { $count ->
    [one] Una persona quiere unirse
   *[other] { $count } personas quieren unirse
}
claim-line = { $name } quiere unirse por { $child }.
claim-line-named = { $name } (en { $platform }: { $account }) quiere unirse por { $child }.
claim-joined = { $name } se ha unido por { $child }.
claim-refused = { $name } no se ha unido por { $child }.
claims-none = Nadie espera para unirse.
code-not-working = Este código no funciona. Pide uno nuevo en el colegio, por favor.
already-joined = Ya formas parte. Escribe ayuda para ver qué puedes hacer.
stranger = Hola. Solo escribo a familias y docentes invitados por su colegio. Pide tu código en el colegio, por favor.
slow-down = Han sido muchos mensajes seguidos. Escribe otra vez en un minuto, por favor.
write-directly = Escríbeme directamente, por favor.
slash-reply = Te he escrito directamente.
our-fault = Algo ha fallado por mi parte y lo he anotado ({ $fault }). Inténtalo de nuevo, por favor.

## Respuestas
not-for-you = Esta pregunta no es para ti.
not-understood = No lo he entendido. Tu texto no se ha guardado ni ha llegado a nadie.
help-teacher = Cada día de clase recibes una tarjeta. Un toque si todo está anotado; Marcar uno para las excepciones.
help-guardian = Cada día de clase recibes una tarjeta por la tarde. Un toque si todo está hecho.
help-words = Puedes escribir: hoy · estado · quién · pausa hoy · alto · ayuda
help-preview = Lo que puedes escribir
today-later = Tu tarjeta llega a las { $time }.
today-no-school = Hoy no hay clase; tampoco tarjeta.
today-nothing = Hoy no hay nada que responder.
status-line = { $child }: anotado { $written } de { $confirmed } confirmadas · hecho { $done } de { $answered } noches respondidas
status-nobody = Ahora nadie sigue un informe diario contigo.
status-preview = Esta semana hasta ahora
who-preview = Quién lee esto
who-school = Colegio: { $names }
who-home = Casa: { $names }
who-not-joined = { $name } (todavía no se ha unido)
pause-question = ¿Qué debe descansar hoy?
pause-away = { $child } no está hoy. Nadie recibe una tarjeta.
pause-mine = Tus mensajes descansan hoy.
stopped = Ya no recibes más mensajes aquí.
stopped-back = Escribe START para volver.
back-again = Qué bien tenerte de vuelta. Tus tarjetas llegan de nuevo.
attached = Gracias. Solo leo texto y botones; no guardo fotos, audios ni archivos.
left-behind = Esta tarjeta sigue más abajo.

## El menú
command-today = La tarjeta de hoy otra vez
command-status = La semana hasta ahora
command-who = Quién lee esto
command-pause = Descanso por hoy
command-stop = Terminar todos los mensajes
command-help = Lo que puedo hacer

## Lo que se puede escribir, con comas entre las variantes
say-today = hoy, tarjeta
say-status = estado
say-who = quién
say-pause = pausa
say-stop = alto, parar, basta, para
say-help = ayuda
say-join = unir, unirme
say-start = empezar
say-back = volver

## La página de prueba
page-title = Twoticks
page-subtitle = Dos toques al día: anotado en clase, hecho en casa.
page-clock = Reloj del colegio
page-next = Siguiente ⏩
page-hour = +1 hora
page-day = Día siguiente
page-days = Días preparados
page-days-well = Todo bien
page-days-teacher = El docente no responde
page-days-parent = La familia no responde
page-diaz = El Sr. Díaz responde
page-language = Idioma
page-app = app
page-bot = bot
page-type-here = Escribe un mensaje
page-send = Enviar
page-silent = sin sonido
page-rang = con sonido
page-edited = editado
page-empty = Todavía nada. Adelanta el reloj.
page-restart-hint = Twoticks ha terminado. Vuelve a empezar con: twoticks demo
page-role-okafor = Profesora de Mates, en Slack
page-role-lucia = La madre de Ana, en Telegram
page-role-tom = El padre de Ana, en Telegram
page-open-at = Twoticks está abierto en { $address } (Ctrl+C lo cierra)
