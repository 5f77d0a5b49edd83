import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own producer: args are brokers, topic, compression type, number of records. */
public class CompressedProducer {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("compression.type", args[2]);
    properties.put("linger.ms", "50");
    properties.put("batch.size", "200000");
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      String filler = "the same words again and again, ".repeat(20);
      for (int i = 0; i < Integer.parseInt(args[3]); i++) {
        producer.send(new ProducerRecord<>(args[1], "k" + i, "{\"id\":\"" + args[2] + "-" + i + "\",\"time\":" + i + ",\"filler\":\"" + filler + "\"}"));
      }
    }
  }
}
