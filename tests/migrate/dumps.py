"""Small dumps to test with, written as mysqldump writes them."""

import random

HEADER = b"""-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t8.0.36

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;

"""
FOOTER = b"""
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;

-- Dump completed on 2024-03-01 12:00:00
"""


def dump(body: str | bytes) -> bytes:
    """A whole dump around these statements."""
    return HEADER + (body.encode() if isinstance(body, str) else body) + FOOTER


SHOP = dump(
    """
DROP TABLE IF EXISTS `maker`;
CREATE TABLE `maker` (
  `id` int NOT NULL AUTO_INCREMENT,
  `name` varchar(50) NOT NULL COMMENT 'as on the label',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COMMENT='who made it';
LOCK TABLES `maker` WRITE;
/*!40000 ALTER TABLE `maker` DISABLE KEYS */;
INSERT INTO `maker` VALUES (1,'Gebrüder Müller'),(2,'O\\'Neil & Sons'),(3,'靴屋 👟');
/*!40000 ALTER TABLE `maker` ENABLE KEYS */;
UNLOCK TABLES;
DROP TABLE IF EXISTS `shoe`;
CREATE TABLE `shoe` (
  `id` int NOT NULL AUTO_INCREMENT,
  `maker_id` int NOT NULL,
  `size` enum('small','large') DEFAULT 'small',
  `price` decimal(8,2) NOT NULL DEFAULT '0.00',
  `sold` tinyint(1) NOT NULL DEFAULT '0',
  `story` text,
  `made` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `maker_id` (`maker_id`),
  CONSTRAINT `shoe_maker` FOREIGN KEY (`maker_id`) REFERENCES `maker` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `shoe` WRITE;
INSERT INTO `shoe` VALUES (1,1,'small',12.50,0,'line one\\nline two','2020-02-29 10:00:00'),
(2,1,'large',99.99,1,NULL,NULL),(3,3,NULL,0.01,0,'semi; (colon), -- and all','2021-12-31 23:59:59');
UNLOCK TABLES;
"""
)


def noise(rows: int, width: int) -> bytes:
    """A dump of one table that takes about `rows` × `width` bytes, which cannot be compressed much."""
    letters = random.Random(1)
    values = ",".join(f"({row},'{letters.randbytes(width // 2).hex()}')" for row in range(1, rows + 1))
    return dump(
        "CREATE TABLE `wide` (`id` int NOT NULL, `text` text, PRIMARY KEY (`id`));\n"
        f"INSERT INTO `wide` VALUES {values};\n"
    )


ODDITIES = dump(
    r"""
CREATE TABLE `oddity` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `flags` set('a','b','c') DEFAULT NULL,
  `bits` bit(12) DEFAULT b'101',
  `blob` varbinary(40) DEFAULT NULL,
  `ratio` double DEFAULT '1e10',
  `day` date DEFAULT '0000-00-00',
  `at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `span` time(3) DEFAULT NULL,
  `json` json DEFAULT NULL,
  `select` text COMMENT 'a ; in a comment, and a ''quote''',
  PRIMARY KEY (`id`),
  KEY `prefix` (`select`(20),`id` DESC)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci /* a remark */;

--
-- Data of `oddity` (with ; and ' in the comment
--
INSERT INTO `oddity` VALUES (1,'a,b',b'1',_binary 'x\0\'y',-1.5e-3,'2024-02-29','2024-01-01 00:00:00',
'12:00:00.123','{\"a\": [1, \"\\u00e4\"]}','plain'),
(2,NULL,0x0FF,0xDEADBEEF,NULL,'0000-00-00','2024-01-01 00:00:00','-01:00:00',NULL,
'quote '' and \\ and \" and \n and ;'),
(3,'',NULL,'',0,NULL,'2024-01-01 00:00:00',NULL,'null','');
INSERT INTO `oddity` (`select`,`id`) VALUES ('two ' 'strings',18446744073709551615),(_utf8mb4'Ünïcödé 🎩' , 5 );
INSERT IGNORE INTO `oddity` (`id`) VALUES (6) ON DUPLICATE KEY UPDATE id = id;
/*!50003 SET sql_mode = '' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `oddity`
  FOR EACH ROW BEGIN SET NEW.id = 1; END */;;
DELIMITER ;
/*!50001 CREATE VIEW `v` AS select 1 AS `one` */;
CREATE TABLE plain (a int, b varchar(40));
insert into plain values (1,"double ""quoted"" "), (2, N'national');
REPLACE INTO plain VALUES (-3, NULL);
"""
)
